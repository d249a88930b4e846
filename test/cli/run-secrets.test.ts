/** Whose localconfig.xml a secret of a run is read from. */
import { expect, test } from 'vitest';
import { differsByHost, secretsOf } from '../../src/cli/run-secrets.ts';
import { PRODUCTS } from '../../src/localconfig/products.ts';
import { createRedactor } from '../../src/secrets/redact.ts';
import { planOf } from '../engine/world.ts';
import { hostsWithLocalconfig, localconfigOf } from '../localconfig/hosts-with-localconfig.ts';

const plan = planOf(
  '- { id: a, on: all, command: { argv: [x], env: { P: "${{ secrets.shared }}", Q: "${{ secrets.own }}" } }, on-doubt: ask }\n',
  ['h1', 'h2'],
  'secrets: { shared: { from: ["localconfig:pw"], on: h2 }, own: { from: ["localconfig:pw"] } }\n',
);

async function world() {
  const hosts = await hostsWithLocalconfig();
  for (const host of ['h1', 'h2'])
    await hosts.put(host, PRODUCTS[0]?.file ?? '', localconfigOf({ pw: `password-of-${host}` }));
  const redactor = createRedactor();
  const terminal = { present: false } as never;
  return { hosts, redactor, secrets: secretsOf(plan, {}, terminal, redactor, hosts.connection as never) };
}

test('a secret with a host of its own is read there, once, whoever needs it', async () => {
  const { hosts, secrets } = await world();
  const found = await Promise.all([secrets('shared', 'h1'), secrets('shared', 'h2')]);
  expect(found.map((one) => one.reveal())).toEqual(['password-of-h2', 'password-of-h2']);
  expect(hosts.asked).toEqual(['h2 root']);
  expect(differsByHost(plan, 'shared')).toBe(false);
});

test('one without is read on the host of each task', async () => {
  const { hosts, redactor, secrets } = await world();
  const found = [await secrets('own', 'h1'), await secrets('own', 'h2'), await secrets('own', 'h1')];
  expect(found.map((one) => one.reveal())).toEqual(['password-of-h1', 'password-of-h2', 'password-of-h1']);
  expect(hosts.asked).toEqual(['h1 root', 'h2 root']);
  expect(differsByHost(plan, 'own')).toBe(true);
  expect(redactor.text('it is password-of-h1, or password-of-h2')).toBe('it is [own], or [own]');
});
