/** The `server` parameter that every LDAP action takes, and attributes as runbooks write them. */
import { z } from 'zod';
import type { DirectoryAddress, ReadPorts } from '../engine/ports.ts';
import { parseLdapUrl } from '../ldap/ldap-url.ts';
import type { Source } from '../ldap/read-replicas.ts';
import type { Text } from '../secrets/secret.ts';
import { textParam } from './text-param.ts';

const valueParam = z.union([textParam, z.number(), z.boolean()]);

/** Attribute → one value or a list. */
export const attributesParam = z.record(z.string(), z.union([valueParam, z.array(valueParam)]));
export type AttributesParam = z.infer<typeof attributesParam>;

/** Lists of LDAP texts; numbers in decimal, booleans as TRUE and FALSE. */
export function toTexts(attributes: AttributesParam = {}): Record<string, readonly Text[]> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      (Array.isArray(value) ? value : [value]).map(toText),
    ]),
  );
}

function toText(value: z.infer<typeof valueParam>): Text {
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  return typeof value === 'number' ? String(value) : value;
}

export const serverParam = z
  .strictObject({
    url: z
      .string()
      .optional()
      .describe('ldapi:/// (default), ldap://host:port or ldaps://host:port, as seen from the host'),
    socket: z
      .string()
      .optional()
      .describe('Path of the ldapi socket; default: the first well-known one that answers'),
    starttls: z
      .boolean()
      .optional()
      .describe('StartTLS on an ldap:// URL; the certificate must fit the name'),
    'bind-dn': z.string().optional().describe('Simple bind as this DN'),
    password: textParam.optional().describe('Its password, as a secret'),
    as: z
      .string()
      .optional()
      .describe('User who opens the ldapi socket, and binds with SASL EXTERNAL there; default root'),
    ca: z.string().optional().describe('PEM text of the certificates to trust; default: the system’s'),
  })
  .describe(
    'Where the directory listens and who binds; default: ldapi as root, on Zimbra and Carbonio as cn=config with ldap_root_password of localconfig.xml',
  );
export type ServerParam = z.infer<typeof serverParam>;

/** Throws an Error when the parts contradict each other. */
export function addressOf(server: ServerParam | undefined): DirectoryAddress {
  const url = parseLdapUrl(server?.url ?? 'ldapi:///');
  if (url.scheme === 'ldapi') {
    if (server?.starttls) throw new Error('server: ldapi needs no TLS; starttls is for ldap:// URLs');
    const path = server?.socket ?? (url.host === '' ? 'auto' : url.host);
    return {
      kind: 'ldapi',
      path,
      ...(server?.as === undefined ? {} : { as: server.as }),
      ...loginOf(server),
    };
  }
  if (server?.starttls && url.scheme === 'ldaps')
    throw new Error('server: starttls is for ldap://, not for ldaps://');
  return {
    kind: 'tcp',
    host: url.host === '' ? 'localhost' : url.host,
    port: url.port,
    tls: url.scheme === 'ldaps' ? 'ldaps' : server?.starttls ? 'starttls' : 'none',
    ...loginOf(server),
    ...(server?.ca === undefined ? {} : { ca: server.ca }),
  };
}

function loginOf(server: ServerParam | undefined): { readonly bindDn?: string; readonly password?: Text } {
  return {
    ...(server?.['bind-dn'] === undefined ? {} : { bindDn: server['bind-dn'] }),
    ...(server?.password === undefined ? {} : { password: server.password }),
  };
}

/** The directories of several hosts, reached alike, to be compared. */
export async function sourcesOn(
  hosts: readonly { readonly name: string }[],
  server: ServerParam | undefined,
  ports: Pick<ReadPorts, 'on'>,
): Promise<readonly Source[]> {
  const address = addressOf(server);
  return await Promise.all(
    hosts.map(async ({ name: host }) => ({ host, directory: await ports.on(host).directory(address) })),
  );
}
