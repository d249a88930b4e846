import { createHmac } from 'node:crypto';
import type { Secret } from './secret.ts';

/** 16 hex digits that tell whether a value is the one of before; without the key they say nothing about it. */
export function fingerprint(key: Buffer, secret: Secret): string {
  return createHmac('sha256', key).update(`${secret.name}\0${secret.reveal()}`).digest('hex').slice(0, 16);
}
