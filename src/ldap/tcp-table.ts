/** Established TCP connections as the kernel lists them in /proc/net/tcp and tcp6 (proc(5)): no tool has to be installed. */

export interface Connection {
  readonly localPort: number;
  /** Address of the other end; an IPv4 address as such, also where it came by an IPv6 socket. */
  readonly remote: string;
  readonly remotePort: number;
}

const ESTABLISHED = '01';

export function parseTcpTable(text: string): readonly Connection[] {
  return text.split('\n').flatMap((line): Connection[] => {
    const [, local = '', remote = '', state] = line.trim().split(/\s+/);
    const [, localPort] = local.split(':');
    const [address, remotePort] = remote.split(':');
    if (state !== ESTABLISHED || !localPort || !address || !remotePort) return [];
    return [
      {
        localPort: Number.parseInt(localPort, 16),
        remote: readAddress(address),
        remotePort: Number.parseInt(remotePort, 16),
      },
    ];
  });
}

/** The kernel prints each 32-bit word in its own byte order, which is little-endian wherever slapd runs. */
function readAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse());
  const numbers = bytes.map((byte) => Number.parseInt(byte, 16));
  const mapped = numbers.length === 16 && /^(?:00){10}ffff/.test(bytes.join('').toLowerCase());
  if (numbers.length === 4) return numbers.join('.');
  if (mapped) return numbers.slice(12).join('.');
  const groups = bytes.join('').match(/.{4}/g) ?? [];
  return new URL(`ldap://[${groups.join(':')}]`).hostname.slice(1, -1);
}
