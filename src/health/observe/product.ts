import { type InstalledProduct, isProductName } from '../product.ts';
import { type Asked, ask } from './ask.ts';
import { PRODUCT_SCRIPT } from './product-script.ts';

/** A host of a product. */
export interface ProductSight {
  readonly product: InstalledProduct;
  /** It has a directory server, running or not. */
  readonly isDirectory: boolean;
}

/** Undefined where neither Zimbra nor Carbonio is there. */
export async function readProduct(ports: Asked): Promise<ProductSight | undefined> {
  return parseProduct(await ask(ports, 'looking for Zimbra and Carbonio', { script: PRODUCT_SCRIPT }));
}

/** Pure. */
export function parseProduct(printed: string): ProductSight | undefined {
  const one = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(printed)?.[1] ?? '';
  const name = one('product');
  if (!isProductName(name)) return undefined;
  const release = /^\d+(?:\.\d+){0,2}/.exec(one('release'))?.[0];
  return {
    product: {
      name,
      ...(release !== undefined && { release }),
      control: one('control') === 'systemd' ? 'systemd' : 'tool',
    },
    isDirectory: one('directory') === 'yes',
  };
}
