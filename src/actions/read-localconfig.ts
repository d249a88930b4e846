/** `read.localconfig`: what Zimbra or Carbonio is told on a host, and where it is installed. */
import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import { filesAt } from '../engine/place.ts';
import { PRODUCTS } from '../localconfig/products.ts';
import { type HostLocalconfig, LocalconfigError, readLocalconfig } from '../localconfig/read.ts';
import { ActionError } from './action-error.ts';
import { once } from './patience-fields.ts';

/** Whatever it is called, a value that is a password does not become a capture, which stands in journals. */
const SECRET = /passw|secret|pwd|credential/i;

const params = z.strictObject({
  keys: z
    .array(z.string().regex(/^[A-Za-z0-9_.]+$/, { error: 'must be the name of a key' }))
    .refine((keys) => !keys.some((key) => SECRET.test(key)), {
      error: 'a password is no text to be captured: use a secret with the source localconfig:KEY',
    })
    .describe('Keys to read; none that is a password.'),
});

/**
 * `result`: { file, home, product, values: { key: text } }. A key that is not set in the file has the empty text, as for the
 * product's own Perl tools; a default that is compiled into its Java code is not seen.
 */
export const readLocalconfigAction: GateAction<z.input<typeof params>, HostLocalconfig> = {
  kind: 'gate',
  name: 'read.localconfig',
  about: 'Reads keys of localconfig.xml, and which product it is of.',
  params,
  reads: (host) => PRODUCTS.map(({ file }) => filesAt(host, file)),
  patience: once,
  async read(_params, ports) {
    try {
      return await readLocalconfig((command) => ports.probe(command), ports.host.name);
    } catch (error) {
      if (error instanceof LocalconfigError) throw new ActionError(error.message, { next: error.next });
      throw error;
    }
  },
  lacking: () => undefined,
  result: ({ keys }, { file, values }) => ({
    file,
    home: file.split('/').slice(0, -2).join('/'),
    product: PRODUCTS.find((one) => one.file === file)?.name ?? '',
    values: Object.fromEntries(keys.map((key) => [key, values.get(key) ?? ''])),
  }),
};
