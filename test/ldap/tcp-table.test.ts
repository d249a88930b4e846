import { describe, expect, it } from 'vitest';
import { parseTcpTable } from '../../src/ldap/tcp-table.ts';

// Of Linux 6.1: a listener, two established, one in TIME_WAIT.
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0185 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21345 1 0000000000000000 100 0 0 10 0
   1: 0B014D0A:0185 0C014D0A:B6E4 01 00000000:00000000 02:000A2E1C 00000000   101        0 21999 2 0000000000000000 20 4 30 10 -1
   2: 0100007F:A1B2 0100007F:027C 01 00000000:00000000 00:00000000 00000000     0        0 22001 1 0000000000000000 20 0 0 10 -1
   3: 0B014D0A:0185 0D014D0A:B6E5 06 00000000:00000000 03:00001388 00000000     0        0 0 3 0000000000000000
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0185 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21346 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000B014D0A:0185 0000000000000000FFFF00000E014D0A:C001 01 00000000:00000000 00:00000000 00000000   101        0 23000 1 0000000000000000 20 4 30 10 -1
   2: B80D01200000000000000000010000FE:0185 B80D01200000000067452301EFCDAB89:C002 01 00000000:00000000 00:00000000 00000000   101        0 23001 1 0000000000000000 20 4 30 10 -1
   3: 00000000000000000000000001000000:0185 00000000000000000000000001000000:C003 01 00000000:00000000 00:00000000 00000000   101        0 23002 1 0000000000000000 20 4 30 10 -1
`;

describe('the table of TCP connections', () => {
  it('gives those that are established, with ports and addresses as people write them', () => {
    expect(parseTcpTable(TCP)).toEqual([
      { localPort: 389, remote: '10.77.1.12', remotePort: 46820 },
      { localPort: 41394, remote: '127.0.0.1', remotePort: 636 },
    ]);
  });

  it('gives an IPv4 address that came by an IPv6 socket as such, and IPv6 in its short form', () => {
    expect(parseTcpTable(TCP6).map(({ remote }) => remote)).toEqual([
      '10.77.1.14',
      '2001:db8::123:4567:89ab:cdef',
      '::1',
    ]);
  });

  it('reads both tables one after the other, and nothing from text that is neither', () => {
    expect(parseTcpTable(TCP + TCP6)).toHaveLength(5);
    for (const text of ['', '1795664000\n', 'a b c 01\n', ' 0: 0100007F 0100007F 01\n', '1: x:1 :2 01'])
      expect(parseTcpTable(text), text).toEqual([]);
  });
});
