import { randomBytes } from 'node:crypto';
import { TransportError } from '../engine/ports.ts';
import { heldText } from '../hosts/lease-rules.ts';
import { tame } from '../reporters/style.ts';
import { createRedactor } from '../secrets/redact.ts';
import type { HeldLease, LeaseAnswer, LeaseTerms } from '../transport/lease.ts';
import type { Connection } from '../transport/transport.ts';
import { EXIT, Stop } from './exit-code.ts';
import { inventoryOrStop } from './inputs.ts';
import { selectOrStop } from './inventory-run.ts';
import { leaseTerms } from './lease-terms.ts';
import { operatorOf } from './operator.ts';
import { reachHosts } from './reach.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import type { UnlockOptions } from './unlock.ts';

interface Seen {
  readonly host: string;
  readonly held?: HeldLease;
  /** Why it could not be asked. */
  readonly unreached?: string;
  readonly freed?: true;
}

/** Resolves to the exit code: 2 when a host could not be asked, 3 when no reason was given for one that is held. */
export async function unlockHosts(selector: string, options: UnlockOptions): Promise<number> {
  const inventory = await inventoryOrStop(options.inventory);
  const names = selectOrStop(inventory, selector).map((host) => host.name);
  const terminal = openTerminal(process.stdin, process.stdout);
  const reach = await reachHosts(inventory, names, terminal, createRedactor());
  try {
    const seen = await Promise.all(names.map((host) => look(host, reach.connection(host), options.as)));
    if (!options.json) for (const one of seen) print(lineOf(one));
    const held = seen.flatMap((one) => (one.held ? [{ ...one, held: one.held }] : []));
    const because = options.show || held.length === 0 ? undefined : await reasonOrStop(options, terminal);
    const nonce = randomBytes(16).toString('hex');
    const operator = operatorOf(terminal, process.env);
    const terms = because && { ...leaseTerms('unlock', operator, because, process.env), nonce };
    const freed = terms
      ? await Promise.all(
          held.map((one) => setFree(one.host, one.held, reach.connection(one.host), terms, options.as)),
        )
      : [];
    if (options.json)
      print(JSON.stringify(seen.map((one) => freed.find(({ host }) => host === one.host) ?? one)));
    else for (const one of freed) print(lineOf(one));
    return seen.some(({ unreached }) => unreached !== undefined) ? EXIT.failed : EXIT.done;
  } finally {
    await reach.close();
  }
}

async function look(host: string, connection: Connection, as: string | undefined): Promise<Seen> {
  try {
    return seenOf(host, await connection.lease({ act: 'look' }, as));
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return { host, unreached: error.message };
  }
}

function seenOf(host: string, answer: LeaseAnswer): Seen {
  return answer.kind === 'held' ? { host, held: answer } : { host };
}

/** Takes the next epoch, which fences the holder, and gives it back at once. What was seen is what is freed. */
async function setFree(
  host: string,
  held: HeldLease,
  connection: Connection,
  terms: LeaseTerms,
  as: string | undefined,
): Promise<Seen> {
  const answer = await connection.lease({ act: 'claim', terms, over: held.epoch }, as);
  if (answer.kind !== 'taken') return seenOf(host, answer);
  await connection.lease({ act: 'free', lease: { epoch: answer.epoch, nonce: terms.nonce } }, as);
  return { host, freed: true };
}

async function reasonOrStop({ because }: UnlockOptions, terminal: Terminal): Promise<string> {
  const given = because ?? (await terminal.line('Type why they are set free (enter leaves them): '));
  if (given?.trim()) return given.trim();
  throw new Stop(EXIT.question, 'nothing was set free: no reason was given', 'give one with --because "…"');
}

function lineOf({ host, held, unreached, freed }: Seen): string {
  if (unreached !== undefined) return `${host} could not be asked: ${tame(unreached)}`;
  if (freed) return `${host} is free now`;
  return held ? tame(heldText(host, held)) : `${host} is free`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
