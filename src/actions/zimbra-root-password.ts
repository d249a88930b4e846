/** `zimbra.root-password`: the password of cn=config, which slapd and localconfig.xml of a server must agree about. */
import { z } from 'zod';
import type { ChangeAction, DiffLine } from '../engine/action.ts';
import { configOn, filesAt } from '../engine/place.ts';
import { type DirectoryWriter, type ReadPorts, TransportError, type WritePorts } from '../engine/ports.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { hashPassword, verifyPassword } from '../ldap/password.ts';
import { biteOf } from '../localconfig/biting-values.ts';
import { PRODUCTS } from '../localconfig/products.ts';
import { Secret } from '../secrets/secret.ts';
import { ActionError } from './action-error.ts';
import { lookAtLocalconfig } from './localconfig-look.ts';
import { mayBeWritten, writeLocalconfig } from './localconfig-write.ts';
import { textParam } from './text-param.ts';

const KEY = 'ldap_root_password';
const CONFIG_DATABASE = 'olcDatabase={0}config,cn=config';

const params = z.strictObject({ password: textParam.describe('The password, as a secret') });

interface Facts {
  readonly file: string;
  readonly inSlapd: boolean;
  readonly inFile: boolean;
}

export const zimbraRootPassword: ChangeAction<z.input<typeof params>, Facts> = {
  kind: 'change',
  proof: 'readback',
  name: 'zimbra.root-password',
  about:
    'Makes the password of cn=config what is given, in slapd and in localconfig.xml, by which all tools of the product and lockstep ' +
    'itself log in. Whichever of the two has it already is left alone, so that an attempt that was cut off between them is finished.',
  params,
  reads: (host) => [configOn(host), ...PRODUCTS.map(({ file }) => filesAt(host, file))],
  touches: (host) => [configOn(host), ...PRODUCTS.map(({ file }) => filesAt(host, file))],
  async read(params, ports) {
    const password = secretOf(params.password);
    const { file, values } = await lookAtLocalconfig({}, ports);
    const inFile = password.equals(new Secret('', values.get(KEY) ?? ''));
    const directory = await enter(password, ports);
    const [entry] = await directory.search({
      base: CONFIG_DATABASE,
      scope: 'base',
      attributes: ['olcRootPW'],
    });
    const stored = valuesOf(entry?.attributes ?? {}, 'olcRootPW');
    return { file, inFile, inSlapd: stored.some((one) => verifyPassword(one, password) === 'same') };
  },
  diff(params, { file, inSlapd, inFile }) {
    const password = secretOf(params.password);
    if (inSlapd && inFile) return [];
    const bite = biteOf(KEY, password);
    if (bite) throw new ActionError(`zimbra.root-password: ${KEY} ${bite.fact}`, { next: bite.next });
    const lines: DiffLine[] = [
      ...(inSlapd ? [] : [{ op: '+' as const, text: `${CONFIG_DATABASE} olcRootPW: ${password}` }]),
      ...(inFile ? [] : [{ op: '+' as const, text: `${file} ${KEY}: ${password}` }]),
    ];
    return [{ what: 'password of cn=config', lines, data: { inSlapd, inFile } }];
  },
  async write(params, changes, ports) {
    const [change] = changes;
    if (!change) return {};
    const password = secretOf(params.password);
    // `data` is only ever made in `diff`.
    const { inSlapd, inFile } = change.data as unknown as Facts;
    const now = await lookAtLocalconfig({}, ports);
    mayBeWritten(now);
    // slapd first: with the new one it can be entered again, with the old one from the file as well.
    if (!inSlapd) {
      const directory = await enter(password, ports);
      await directory.modify(CONFIG_DATABASE, [
        { op: 'replace', attribute: 'olcRootPW', values: [hashPassword(password)] },
      ]);
    }
    if (!inFile) await writeLocalconfig(now, { set: new Map([[KEY, password]]), unset: new Set() }, ports);
    return {};
  },
  undo: {
    about: 'Not undone: the old password is not kept.',
    inverse: () => ({ calls: [], cannot: ['the password of cn=config stays: the old one is not kept'] }),
  },
};

function secretOf(password: z.infer<typeof textParam>): Secret {
  return password instanceof Secret ? password : new Secret(KEY, password);
}

/** By the password of the file, or else by the one that is asked for: of an attempt that was cut off, slapd has it already. */
async function enter(password: Secret, ports: ReadPorts): Promise<DirectoryWriter>;
async function enter(password: Secret, ports: WritePorts): Promise<DirectoryWriter>;
async function enter(password: Secret, ports: ReadPorts | WritePorts) {
  try {
    return await ports.directory({ kind: 'ldapi', path: 'auto' });
  } catch (error) {
    if (!(error instanceof TransportError) || error.kind !== 'refused') throw error;
    try {
      return await ports.directory({ kind: 'ldapi', path: 'auto', bindDn: 'cn=config', password });
    } catch (second) {
      // Refused by slapd as well: then the first says what is wrong, and what to do.
      throw second instanceof TransportError ? second : error;
    }
  }
}
