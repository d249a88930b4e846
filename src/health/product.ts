/** Zimbra and Carbonio: a slapd that its product sets up, starts and configures. */

export type ProductName = 'zimbra' | 'carbonio';

export function isProductName(platform: string): platform is ProductName {
  return platform === 'zimbra' || platform === 'carbonio';
}

/** How the product is there on a host. */
export interface InstalledProduct {
  readonly name: ProductName;
  /** e.g. `8.8.15`; undefined where nobody says it. */
  readonly release?: string;
  /** Who starts its slapd: its own tool `ldap`, or systemd (Carbonio since 2024). */
  readonly control: 'tool' | 'systemd';
}

interface ProductPlaces {
  /** As people write it. */
  readonly title: string;
  readonly home: string;
  readonly user: string;
  /** Where its slapd writes: LOCAL0. */
  readonly log: string;
}

export const PLACES: Readonly<Record<ProductName, ProductPlaces>> = {
  zimbra: { title: 'Zimbra', home: '/opt/zimbra', user: 'zimbra', log: '/var/log/zimbra.log' },
  carbonio: { title: 'Carbonio', home: '/opt/zextras', user: 'zextras', log: '/var/log/carbonio.log' },
};
