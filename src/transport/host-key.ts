/** Decides on the key a host shows: known goes on, unknown is a question, anything else is a stop. */
import { TransportError } from '../engine/ports.ts';
import { knownHostLine } from './add-known-host.ts';
import type { HostKeyCheck, HostLookup } from './known-hosts.ts';
import {
  checkHostKey,
  fingerprint,
  hostKeyAlgorithms,
  knownHostName,
  knownKeyTypes,
  loadKnownHosts,
} from './known-hosts.ts';
import type { AskHostKey, Target } from './transport.ts';

export interface HostKeyJudge {
  /** Host key algorithms in the order to ask for: those on file first. [] when none is on file. */
  readonly algorithms: readonly string[];
  /** Rejects with TransportError refused. */
  judge(key: Buffer): Promise<void>;
}

/** Makes one judge after the other for a host; a key that was accepted once must stay the same for the whole run. */
export function hostKeyJudges(target: Target, ask: AskHostKey): () => Promise<HostKeyJudge> {
  const lookup: HostLookup = {
    host: target.address,
    port: target.port,
    ...(target.hostKeyAlias === undefined ? {} : { alias: target.hostKeyAlias }),
  };
  let accepted: Buffer | undefined;
  return async () => {
    const known = await loadKnownHosts(target.knownHostsFiles);
    return {
      algorithms: hostKeyAlgorithms(knownKeyTypes(known, lookup)),
      async judge(key) {
        if (accepted?.equals(key)) return;
        const check = checkHostKey(known, lookup, key);
        if (accepted !== undefined && check.status !== 'known') {
          throw new TransportError(
            'refused',
            target.name,
            `${target.name} shows another host key (${check.fingerprint}) than at the start of this run (${fingerprint(accepted)})`,
            'Find out why before anything else is sent to it.',
          );
        }
        if (check.status === 'unknown') await askOrRefuse(target, lookup, check, key, ask);
        else if (check.status !== 'known') throw refusal(target, lookup, check);
        accepted = key;
      },
    };
  };
}

async function askOrRefuse(
  target: Target,
  lookup: HostLookup,
  check: HostKeyCheck,
  key: Buffer,
  ask: AskHostKey,
): Promise<void> {
  const { host, port } = lookup;
  const line = knownHostLine(lookup, check.type, key);
  if (await ask({ host, port, type: check.type, fingerprint: check.fingerprint, line })) return;
  throw new TransportError(
    'refused',
    target.name,
    `the host key of ${target.name} (${knownHostName(lookup)}) is in no known_hosts file: ${check.type} ${check.fingerprint}`,
    `Compare it with "ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub" on the host, then add it to known_hosts.`,
  );
}

function refusal(
  target: Target,
  lookup: HostLookup,
  check: HostKeyCheck & { status: 'changed' | 'revoked' },
): TransportError {
  const name = knownHostName(lookup);
  const place = `${check.file}:${check.line}`;
  if (check.status === 'revoked') {
    const message = `the host key of ${target.name} (${name}) is marked @revoked in ${place}: ${check.fingerprint}`;
    return new TransportError(
      'refused',
      target.name,
      message,
      'Give the host a new key; this one must not be trusted.',
    );
  }
  return new TransportError(
    'refused',
    target.name,
    `the host key of ${target.name} (${name}) has changed: it shows ${check.type} ${check.fingerprint}, but ${place} has ${check.onFile}`,
    `Someone may be in between. If the host was set up anew, remove the old key: ssh-keygen -R '${name}' -f '${check.file}'`,
  );
}
