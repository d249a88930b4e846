/** Byte pipes to UNIX sockets, for a user other than the login user or where sshd forbids forwarding. */
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransportError } from '../engine/ports.ts';
import type { Reach } from './reach.ts';
import { openStream } from './stream.ts';

/** The first of these tools that the host has; `$1` is the socket. socat ends both ways, nc -U depends on its make. */
const RELAY = `if command -v socat >/dev/null 2>&1; then exec socat - "UNIX-CONNECT:$1"; fi
if command -v python3 >/dev/null 2>&1; then exec python3 -c '
import os, socket, sys, threading
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
def up():
    while True:
        b = os.read(0, 65536)
        if not b: break
        s.sendall(b)
    s.shutdown(socket.SHUT_WR)
threading.Thread(target=up, daemon=True).start()
while True:
    b = s.recv(65536)
    if not b: break
    while b: b = b[os.write(1, b):]
' "$1"; fi
if command -v perl >/dev/null 2>&1; then exec perl -MIO::Socket::UNIX -MIO::Select -e '
my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "$ARGV[0]: $!\\n"; my $w = IO::Select->new($s, *STDIN);
sub put { my ($h, $b) = @_; my $o = 0; while ($o < length $b) { my $n = syswrite $h, $b, length($b) - $o, $o; exit 1 unless defined $n; $o += $n } }
while (1) { for my $h ($w->can_read) { my $n = sysread $h, my $b, 65536;
if ($h == $s) { exit 0 unless $n; put(*STDOUT, $b) } elsif ($n) { put($s, $b) } else { $w->remove($h); shutdown $s, 1 } } }
' "$1"; fi
if command -v nc >/dev/null 2>&1; then exec nc -U "$1"; fi
echo "none of socat, python3, perl and nc is there to reach $1" >&2
exit 127
`;

/** A pipe to the socket as `as`; rejects when the user cannot reach it or no relay tool is there. */
export async function openUnixRelay(reach: Reach, path: string, as: string | undefined): Promise<Duplex> {
  const command = {
    argv: [
      'sh',
      '-c',
      `[ -S "$1" ] || { echo "$1 is not a socket that this user sees" >&2; exit 66; }\n${RELAY}`,
      'sh',
      path,
    ],
  };
  const { stdio, ended, exited } = await openStream(reach, as === undefined ? command : { ...command, as });
  // A relay that cannot connect ends at once; the first bytes of a directory come from the client, so wait a moment.
  const failed = await Promise.race([exited.then(() => true), sleep(150, false)]);
  if (failed) {
    stdio.resume();
    const early = await ended;
    const { name } = reach.target;
    throw new TransportError(
      'not-started',
      name,
      `${name} cannot connect to ${path}${as === undefined ? '' : ` as ${as}`}: ${early.stderr.trim() || `code ${early.code}`}`,
      'Check that the socket is there and that this user may use it.',
    );
  }
  return withSocketManners(stdio);
}

/** Gives a stream what clients such as ldapts expect of a connected net.Socket. */
export function withSocketManners(stream: Duplex): Duplex {
  const same = (): Duplex => stream;
  const missing: Record<string, PropertyDescriptor> = {
    connecting: { value: false, configurable: true },
    readyState: { get: () => (stream.writable ? 'open' : 'closed'), configurable: true },
    setTimeout: { value: same, configurable: true },
    setNoDelay: { value: same, configurable: true },
    setKeepAlive: { value: same, configurable: true },
  };
  for (const [name, property] of Object.entries(missing)) {
    if (!(name in stream)) Object.defineProperty(stream, name, property);
  }
  return stream;
}
