/** Which hosts are of Zimbra or Carbonio, which of them have a directory server, and which tree is meant then. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { ReadPorts } from '../../src/engine/ports.ts';
import { directoriesOf, nodeSecrets } from '../../src/health/observe/nodes.ts';
import { type ProductSight, parseProduct } from '../../src/health/observe/product.ts';
import { PRODUCT_SCRIPT } from '../../src/health/observe/product-script.ts';
import type { Sight } from '../../src/health/observe/sight.ts';
import { onlySuffix } from '../../src/health/observe/suffix.ts';
import { siteName } from '../../src/health/site-name.ts';
import { withNode, zimbraSite } from './zimbra-site.ts';

const unknown = { unknown: 'it was not looked at' };

function sight(
  host: string,
  some: Partial<Sight> & { readonly keys?: Readonly<Record<string, string>> } = {},
): Sight {
  const { keys, ...rest } = some;
  const values = new Map(Object.entries(keys ?? {}));
  return {
    host,
    address: `${host}.lab.example`,
    ports: { host: { platform: 'zimbra' } } as ReadPorts,
    clock: unknown,
    installation: unknown,
    directory: unknown,
    catalogue: unknown,
    monitor: unknown,
    product: { value: undefined },
    localconfig: keys ? { value: { host, file: '/opt/zimbra/conf/localconfig.xml', values } } : unknown,
    ...rest,
  };
}

const of = (isDirectory: boolean): { readonly value: ProductSight } => ({
  value: { product: { name: 'zimbra', control: 'tool' }, isDirectory },
});

describe('a host', () => {
  test('of Zimbra tells its release from the package, or from its tool', () => {
    const printed = (release: string) => `product=zimbra\ndirectory=yes\ncontrol=tool\nrelease=${release}\n`;
    const product = (release: string) => ({ name: 'zimbra', release, control: 'tool' });
    expect(parseProduct(printed('8.8.15.1562616000.u18-1'))).toEqual({
      product: product('8.8.15'),
      isDirectory: true,
    });
    expect(parseProduct(printed('10.1.0_GA_4655 UBUNTU22_64 FOSS edition.'))?.product).toEqual(
      product('10.1.0'),
    );
    expect(parseProduct(printed(''))?.product).toEqual({ name: 'zimbra', control: 'tool' });
  });

  test('of Carbonio tells that systemd starts its slapd', () => {
    const printed = 'product=carbonio\ndirectory=no\ncontrol=systemd\nrelease=24.9.0-1jammy\n';
    const product = { name: 'carbonio', release: '24.9.0', control: 'systemd' };
    expect(parseProduct(printed)).toEqual({ product, isDirectory: false });
  });

  test('of neither prints nothing', () => {
    expect(execFileSync('sh', ['-c', PRODUCT_SCRIPT], { encoding: 'utf8' })).toBe('');
    expect(parseProduct('')).toBeUndefined();
  });
});

describe('a directory server is looked for', () => {
  const master = sight('ldap1', {
    product: of(true),
    keys: { ldap_url: 'ldap://ldap1.lab.example:389 ldap://ldap2.lab.example:389' },
  });
  const lost = (host: string) => sight(host, { unreachable: 'no route', product: unknown });
  const names = (sights: readonly Sight[]) => directoriesOf(sights).map(({ host }) => host);

  test('on no mailstore, and on every other host', () => {
    expect(names([master, sight('store1', { product: of(false) }), sight('other')])).toEqual([
      'ldap1',
      'other',
    ]);
  });

  test('on a host that cannot be reached where the lists of others name it', () => {
    expect(names([master, lost('ldap2'), lost('store1')])).toEqual(['ldap1', 'ldap2']);
  });

  test('on every host that cannot be reached where nobody has a list', () => {
    expect(names([lost('ldap2'), lost('store1')])).toEqual(['ldap2', 'store1']);
  });
});

describe('the tree', () => {
  test('of Zimbra has no suffix, whether it replicates or not, or cannot be reached', () => {
    expect(onlySuffix([sight('ldap1', { product: of(true) })])).toBe('');
    expect(onlySuffix([sight('ldap1', { product: unknown, unreachable: 'no route' })])).toBe('');
  });

  test('is not guessed where Zimbra and other servers stand side by side', () => {
    expect(() => onlySuffix([sight('ldap1', { product: of(true) }), sight('ldap7')])).toThrow(
      'ldap1 are of Zimbra or Carbonio, and the others are not',
    );
  });

  test('is called by the product and its releases', () => {
    const old = { value: { name: 'zimbra', release: '8.8.15', control: 'tool' } } as const;
    expect(siteName(zimbraSite())).toBe('Zimbra 10.1.0');
    expect(siteName(withNode(zimbraSite(), 'store1', { product: old }))).toBe('Zimbra 10.1.0 and 8.8.15');
  });
});

test('passwords of localconfig are kept from all output, but for words that the product has compiled in', () => {
  const keys = {
    ldap_root_password: 'zimbra',
    zimbra_ldap_password: 'own-4711',
    ldap_url: 'ldap://a',
    ldap_nginx_password: '',
  };
  expect(nodeSecrets(sight('ldap1', { keys })).map(String)).toEqual(['[zimbra_ldap_password]']);
});
