import { expect, test } from 'vitest';
import { assert } from '../../src/actions/assert.ts';
import { readClock } from '../../src/actions/read-clock.ts';
import { waitPort } from '../../src/actions/wait-port.ts';
import { scriptedPorts } from './ports.ts';

test('assert names every statement that does not hold, and what to do', () => {
  const that = [
    { so: true, else: 'never said' },
    { so: false, else: 'ldap2 has SID 0', next: 'give it one of its own' },
    { so: false, else: 'ldap3 has SID 1 too' },
  ];
  expect(assert.lacking({ that }, null)).toBe(
    'ldap2 has SID 0 (give it one of its own); ldap3 has SID 1 too',
  );
  expect(assert.lacking({ that: that.slice(0, 1) }, null)).toBeUndefined();
});

test('assert takes nothing but a true or false', () => {
  for (const so of ['true', 1, null])
    expect(assert.params.safeParse({ that: [{ so, else: 'x' }] }).success).toBe(false);
  expect(assert.params.safeParse({ that: [] }).success).toBe(false);
});

test.each([
  [{ port: 389 }, ['127.0.0.1', 389], '127.0.0.1:389'],
  [{ port: 636, address: 'ldap2' }, ['ldap2', 636], 'ldap2:636'],
  [{ port: 389, address: 'fe80::1' }, ['fe80::1', 389], '[fe80::1]:389'],
] as const)('wait.port asks the host for %j', async (params, [address, port], shown) => {
  const ports = scriptedPorts([{ reaches: [address, port], gives: 'Connection refused' }]);
  const facts = await waitPort.read(params, ports);
  ports.done();
  expect(waitPort.lacking(params, facts)).toBe(`no connection to ${shown}: Connection refused`);
  expect(waitPort.lacking(params, true)).toBeUndefined();
  expect(waitPort.result(params, true)).toEqual({ address, port });
});

test('wait.port polls as long as it is told', () => {
  expect(waitPort.patienceOf?.({ port: 1, within: '30s' })).toEqual({
    withinMs: 30_000,
    everyMs: 1_000,
    times: 1,
  });
});

test('read.clock hands back what was measured', async () => {
  const facts = await readClock.read({}, scriptedPorts([], { skew: { skewMs: -1_500, uncertaintyMs: 20 } }));
  expect(readClock.result({}, facts)).toEqual({ 'skew-ms': -1_500, 'uncertainty-ms': 20 });
  expect(readClock.lacking({}, facts)).toBeUndefined();
});

test.each([
  [520, 20, undefined],
  [521, 20, 'the clock is 521ms ahead of the controller (± 20ms), more than 500ms'],
  [-3_600_000, 20, 'the clock is 1h behind the controller (± 20ms), more than 500ms'],
])('a clock off by %d ms, known to %d ms, against 500ms', (skewMs, uncertaintyMs, expected) => {
  const lacking = readClock.lacking({ 'at-most': '500ms' }, { skewMs, uncertaintyMs });
  if (expected === undefined) expect(lacking).toBeUndefined();
  else
    expect(lacking).toBe(
      `${expected}; put time synchronisation (chrony, ntpd, systemd-timesyncd) right on whichever of the two is wrong`,
    );
});
