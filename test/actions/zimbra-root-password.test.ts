import { describe, expect, test } from 'vitest';
import { zimbraRootPassword as action } from '../../src/actions/zimbra-root-password.ts';
import { type Command, TransportError, type WritePorts } from '../../src/engine/ports.ts';
import { hashPassword, verifyPassword } from '../../src/ldap/password.ts';
import { reveal, Secret } from '../../src/secrets/secret.ts';
import { fakeDirectory, fakePorts } from '../ldap/fake-directory.ts';
import { localconfigOf } from '../localconfig/hosts-with-localconfig.ts';

const CONFIG = 'olcDatabase={0}config,cn=config';
const next = new Secret('root', 'the-new-one');
const old = 'the-old-one';

/** A server with its own password in slapd and in the file. The session that logs in by the file is refused where they differ. */
function server(inSlapd: string, inFile: string) {
  const olcRootPW = [hashPassword(new Secret('x', inSlapd)).reveal()];
  const directory = fakeDirectory({ [CONFIG]: { objectClass: ['olcDatabaseConfig'], olcRootPW } });
  const executed: Command[] = [];
  let file = inFile;
  const exited = { kind: 'exited', code: 0 } as const;
  const said = { exit: exited, stderr: '', truncated: false, durationMs: 1 };
  const ports: WritePorts = {
    ...fakePorts({ ldap1: directory }),
    probe: async () => ({
      ...said,
      stdout: `file=/opt/zimbra/conf/localconfig.xml\nowner=zimbra\nsha256=x\nslapd=1\n\n${localconfigOf({ ldap_root_password: file })}`,
    }),
    execute: async (command) => {
      executed.push(command);
      file = /<value>(.*)<\/value>/.exec(reveal(command.stdin ?? ''))?.[1] ?? '';
      return { ...said, stdout: '' };
    },
    directory: async (address) => {
      if (address.kind !== 'ldapi') throw new Error('only its own socket');
      const tried = address.password === undefined ? file : reveal(address.password);
      const [stored = ''] = directory.tree[CONFIG]?.['olcRootPW'] ?? [];
      if (verifyPassword(stored, tried) === 'same') return directory;
      throw new TransportError(
        'refused',
        'ldap1',
        'ldap_root_password is not the one slapd has',
        'Put it right.',
      );
    },
  };
  const has = (password: string) => [
    verifyPassword(directory.tree[CONFIG]?.['olcRootPW']?.[0] ?? '', password) === 'same',
    file === password,
  ];
  return { ports, directory, executed, has };
}

async function make(ports: WritePorts) {
  const params = { password: next };
  const changes = action.diff(params, await action.read(params, ports));
  await action.write(params, changes, ports);
  return { changes, left: action.diff(params, await action.read(params, ports)) };
}

describe('the password of cn=config', () => {
  test('is changed in slapd and in the file, and shown nowhere', async () => {
    const { ports, has } = server(old, old);
    const { changes, left } = await make(ports);
    expect(changes.flatMap(({ lines }) => lines.map(({ text }) => text))).toEqual([
      `${CONFIG} olcRootPW: [root]`,
      '/opt/zimbra/conf/localconfig.xml ldap_root_password: [root]',
    ]);
    expect(JSON.stringify(changes)).not.toContain('the-new-one');
    expect([has('the-new-one'), left]).toEqual([[true, true], []]);
  });

  test('is finished where an attempt was cut off between the two', async () => {
    const { ports, directory, has } = server('the-new-one', old);
    const { changes, left } = await make(ports);
    expect(changes.flatMap(({ lines }) => lines)).toHaveLength(1);
    expect(directory.log).toEqual([]);
    expect([has('the-new-one'), left]).toEqual([[true, true], []]);
  });

  test('that is right is left alone', async () => {
    const { ports, directory, executed } = server('the-new-one', 'the-new-one');
    const { changes } = await make(ports);
    expect([changes, directory.log, executed]).toEqual([[], [], []]);
  });

  test('that is neither the one of the file nor the new one cannot be changed, and the error says what to do', async () => {
    const { ports } = server('a-third-one', old);
    await expect(make(ports)).rejects.toThrow('ldap_root_password is not the one slapd has');
  });

  test('that would break the tools is refused before anything is written', async () => {
    const { ports, directory } = server(old, old);
    const params = { password: new Secret('root', "with'quote") };
    const facts = await action.read(params, ports);
    expect(() => action.diff(params, facts)).toThrow('ldap_root_password');
    expect(directory.log).toEqual([]);
  });
});
