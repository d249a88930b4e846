/** What stands for hosts in a line: a name, a range of names, and perhaps a port. */
import { expandRange } from './range.ts';

export type HostPattern =
  | { readonly names: readonly string[]; readonly port?: number }
  | { readonly problem: string };

/** `ldap[1:3].example.com:2222`, `10.0.0.1:22`, `[2001:db8::1]:22`, `2001:db8::1`. */
export function parseHostPattern(text: string): HostPattern {
  const bracketed = /^\[([0-9a-fA-F:.]*:[0-9a-fA-F:.]*)\](?::(\d+))?$/.exec(text);
  if (bracketed?.[1] !== undefined && bracketed[1].split(':').length > 3) {
    return withPort([bracketed[1]], bracketed[2]);
  }
  // More than one colon outside brackets is an IPv6 address, which takes no port without brackets.
  const outside = text.replace(/\[[^\]]*\]/g, '');
  if (outside.split(':').length > 2) return { names: [text] };
  const ported = /^(.+):(\d+)$/.exec(text);
  if (outside.endsWith(':')) return { problem: `"${text}" ends in ":", which is kept for a port` };
  const pattern = outside.includes(':') ? ported?.[1] : text;
  if (pattern === undefined) return { problem: `"${text}" is neither a host name nor name:port` };
  const expansion = expandRange(pattern);
  if ('problem' in expansion) return expansion;
  return withPort(expansion.names, outside.includes(':') ? ported?.[2] : undefined);
}

function withPort(names: readonly string[], port: string | undefined): HostPattern {
  if (port === undefined) return { names };
  const number = Number(port);
  return number >= 1 && number <= 65535
    ? { names, port: number }
    : { problem: `the port must be 1 to 65535, got ${port}` };
}
