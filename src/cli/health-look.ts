/** A look at a directory site and what it means, as often as it is asked for: what `status` and `doctor` share. */
import { diagnose } from '../health/diagnose.ts';
import type { SiteFacts } from '../health/facts.ts';
import type { Finding } from '../health/finding.ts';
import { flyAll } from '../health/observe/flights.ts';
import { lookAtSite } from '../health/observe/site.ts';
import { NoSuffix } from '../health/observe/suffix.ts';
import type { Inventory } from '../inventory/model.ts';
import { secretsIn } from '../inventory/secrets-in.ts';
import { createRedactor, type Redactor } from '../secrets/redact.ts';
import { keepBehind, loadBehind } from './behind-file.ts';
import { EXIT, Stop } from './exit-code.ts';
import { redactFaults } from './fault.ts';
import { beginningOf } from './health-hosts.ts';
import { lookingThrough } from './health-site.ts';
import { inventoryOrStop } from './inputs.ts';
import { messageOf } from './message-of.ts';
import { reachHosts } from './reach.ts';
import { openTerminal } from './terminal.ts';

export interface LookOptions {
  readonly inventory?: string;
  readonly suffix?: string;
  readonly limit?: string;
  readonly seed?: string;
  readonly deep?: boolean;
  readonly canary?: boolean;
}

export interface Looked {
  readonly site: SiteFacts;
  readonly findings: readonly Finding[];
}

export interface Lookout {
  /** Rejects with Stop where it is not known which tree is meant. */
  look(tell: (stage: string) => void): Promise<Looked>;
  readonly redactor: Redactor;
  /** What is under way ends as soon as it leaves nothing behind. */
  letGo(): void;
  close(): Promise<void>;
}

/** A host that does not answer costs this much, ms, unless ssh's own configuration says otherwise. */
const CONNECT_MS = 8_000;

/** Nothing is contacted before the first look. Throws Stop. */
export async function openLookout(options: LookOptions): Promise<Lookout> {
  const inventory = await inventoryOrStop(options.inventory);
  const { hosts, follow, reachable } = beginningOf(inventory, options);
  if (hosts.length === 0)
    throw new Stop(
      EXIT.usage,
      'the inventory has no directory server',
      'give hosts platform: openldap, zimbra or carbonio, or name them with --limit',
    );
  const redactor = createRedactor();
  redactFaults(redactor);
  for (const secret of secretsIn(inventory)) redactor.add(secret);
  const terminal = openTerminal(process.stdin, process.stderr);
  const transport = { connectTimeoutMs: CONNECT_MS, reconnectPausesMs: [] };
  const reach = await reachHosts(inventory, reachable, terminal, redactor, transport);
  const letGo = new AbortController();
  const suffix = suffixOf(inventory, options);
  const keep = rememberer(inventory.source);

  async function look(tell: (stage: string) => void): Promise<Looked> {
    const ask = {
      hosts,
      deep: options.deep === true,
      behindSince: (tree: string) => loadBehind(inventory.source, tree),
      heard: redactor.add,
      tell,
      ...(suffix !== undefined && { suffix }),
      ...(follow && { follow }),
    };
    const seen = await lookingThrough(inventory, reach, letGo.signal, async (ports) => {
      const site = await lookAtSite(ask, ports);
      if (!options.canary) return site;
      tell('sending canaries');
      return { ...site, flights: await flyAll(site, ports.writing) };
    });
    const site = { ...seen, inventory: inventory.source };
    keep(site);
    return { site, findings: diagnose(site) };
  }

  return {
    look: (tell) => look(tell).catch(stopWithout),
    redactor,
    letGo: () => letGo.abort(),
    close: () => reach.close(),
  };
}

function suffixOf({ vars }: Inventory, { suffix }: LookOptions): string | undefined {
  const ours = suffix ?? vars['suffix'];
  return typeof ours === 'string' ? ours : undefined;
}

function stopWithout(error: unknown): never {
  if (!(error instanceof NoSuffix)) throw error;
  throw new Stop(EXIT.usage, error.message, error.next);
}

/** Keeps what is behind since when; a disk that takes nothing is told once. */
function rememberer(source: string): (site: SiteFacts) => void {
  let told = false;
  return (site) => {
    try {
      keepBehind(source, site);
    } catch (error) {
      if (told) return;
      told = true;
      process.stderr.write(
        `lockstep: since when servers are behind is not remembered: ${messageOf(error)}\n  next: make it writable, or set LOCKSTEP_STATE to another directory\n`,
      );
    }
  };
}
