import { expect, test } from 'vitest';
import { chooseSubnet } from '../../src/lab/subnet.ts';

test('a lab keeps its subnet as long as it is free', () => {
  expect(chooseSubnet('default', [])).toBe(chooseSubnet('default', ['192.0.2.0/24', 'dev', 'eth0']));
});

test('a subnet that a route overlaps is passed over, whatever the size of the route', () => {
  const first = chooseSubnet('default', []);
  const [, , third = ''] = first.split('.');
  expect(chooseSubnet('default', [`${first}.0/24`])).not.toBe(first);
  expect(chooseSubnet('default', [`${first}.17`])).not.toBe(first);
  expect(chooseSubnet('default', [`10.77.${Number(third) - (Number(third) % 2)}.0/23`])).not.toBe(first);
});

test('the second range is used when the first is taken as a whole', () => {
  expect(chooseSubnet('default', ['10.0.0.0/8'])).toMatch(/^172\.31\.\d+$/);
});

test('a default route takes nothing', () => {
  expect(chooseSubnet('default', ['0.0.0.0/0', 'default'])).toBe(chooseSubnet('default', []));
});

test('when nothing is free the message says so and what to do', () => {
  expect(() => chooseSubnet('default', ['10.0.0.0/8', '172.16.0.0/12'])).toThrow(
    /overlaps a route.*lab down --all/,
  );
});

test('labs of different names start their search at different places', () => {
  expect(chooseSubnet('a', [])).not.toBe(chooseSubnet('b', []));
});
