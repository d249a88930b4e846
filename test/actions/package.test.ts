import { expect, test } from 'vitest';
import { packageAction, parsePackages, parseSimulation } from '../../src/actions/package.ts';
import { type Call, scriptedPorts } from './ports.ts';

type Params = Parameters<typeof packageAction.diff>[0];

/** From `apt-get -s` on Debian 12: an install that upgrades one, and a removal. */
const installs = `Reading package lists...
Inst libltdl7 (2.4.7-7~deb12u1 Debian:12.15/oldstable [amd64])
Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
Inst slapd (2.5.13+dfsg-5 Debian:12.15/oldstable [amd64])
Conf libltdl7 (2.4.7-7~deb12u1 Debian:12.15/oldstable [amd64])
Conf slapd (2.5.13+dfsg-5 Debian:12.15/oldstable [amd64])
`;
const removals = 'Remv curl [7.88.1-10+deb12u14]\nRemv gnupg [2.2.40-1.1+deb12u2]\n';

const asks = (names: string, stdout: string): Call => ({
  probe: { env: { LOCKSTEP_NAMES: names } },
  gives: { stdout },
});
const simulates = (
  verb: string,
  wanted: string,
  gives: { stdout?: string; stderr?: string; code?: number },
): Call => ({
  probe: { script: /apt-get -s/, env: { LOCKSTEP_VERB: verb, LOCKSTEP_WANTED: wanted } },
  gives,
});

async function changesFor(params: Params, calls: readonly Call[]) {
  const ports = scriptedPorts(calls);
  const changes = packageAction.diff(params, await packageAction.read(params, ports));
  ports.done();
  return changes.map(({ what, lines }) => [what, ...lines.map(({ op, text }) => `${op}${text}`)]);
}

test('what is installed is left alone, and apt is not even asked', async () => {
  expect(
    await changesFor({ names: ['slapd', 'bash'] }, [
      asks('slapd bash', 'tool apt\nhas slapd 2.5.13+dfsg-5\nhas bash 5.2\n'),
    ]),
  ).toEqual([]);
});

test('only the missing ones are installed, with all that comes along', async () => {
  const changes = await changesFor({ names: ['slapd', 'sed'] }, [
    asks('slapd sed', 'tool apt\nlacks slapd\nhas sed 4.9-1\n'),
    simulates('install', 'slapd', { stdout: installs }),
  ]);
  expect(changes).toEqual([
    [
      'install slapd',
      '+libltdl7 2.4.7-7~deb12u1',
      '-bash 5.2.15-2+b8',
      '+bash 5.2.15-2+b13',
      '+slapd 2.5.13+dfsg-5',
    ],
  ]);
});

test.each<[string, Params, string, string]>([
  ['apt', { name: 'slapd', version: '2.5.13' }, 'has slapd 2.5.12', 'slapd=2.5.13'],
  ['apt', { name: 'slapd', version: '2.5.13' }, 'lacks slapd', 'slapd=2.5.13'],
])('another version is installed by its exact name with %s', async (tool, params, has, wanted) => {
  const changes = await changesFor(params, [
    asks('slapd', `tool ${tool}\n${has}\n`),
    simulates('install', wanted, {}),
  ]);
  expect(changes.map(([what]) => what)).toEqual([`install ${wanted}`]);
});

test('an install that apt would refuse says so in the plan', async () => {
  const [change] = await changesFor({ name: 'nosuch' }, [
    asks('nosuch', 'tool apt\nlacks nosuch\n'),
    simulates('install', 'nosuch', { code: 100, stderr: 'E: Unable to locate package nosuch\n' }),
  ]);
  expect(change).toEqual([
    'install nosuch',
    '+nosuch',
    " apt's dry run refuses it today; stderr: E: Unable to locate package nosuch",
  ]);
});

test('dnf has no dry run, and the plan says what that means', async () => {
  expect(
    await changesFor({ name: 'openldap-servers', version: '2.6.8-1.el9' }, [
      asks('openldap-servers', 'tool dnf\nlacks openldap-servers\n'),
    ]),
  ).toEqual([
    [
      'install openldap-servers-2.6.8-1.el9',
      '+openldap-servers-2.6.8-1.el9',
      ' what dnf brings or removes besides is not known beforehand',
    ],
  ]);
});

test('removing shows what goes with it', async () => {
  const [change] = await changesFor({ name: 'curl', state: 'absent' }, [
    asks('curl', 'tool apt\nhas curl 7.88.1\n'),
    simulates('remove', 'curl', { stdout: removals }),
  ]);
  expect(change).toEqual(['remove curl', '-curl 7.88.1-10+deb12u14', '-gnupg 2.2.40-1.1+deb12u2']);
});

test.each([
  [installs, '--no-remove'],
  [installs + removals, ''],
])('apt may remove only what the plan has shown', async (stdout, shrink) => {
  const params: Params = { name: 'slapd' };
  const ports = scriptedPorts([
    asks('slapd', 'tool apt\nlacks slapd\n'),
    simulates('install', 'slapd', { stdout }),
    {
      execute: {
        script: /force-confold/,
        env: { LOCKSTEP_SHRINK: shrink, LOCKSTEP_VERB: 'install', LOCKSTEP_WANTED: 'slapd' },
        timeoutMs: 1_800_000,
      },
    },
  ]);
  await packageAction.write(
    params,
    packageAction.diff(params, await packageAction.read(params, ports)),
    ports,
  );
  ports.done();
});

test('a failed install is an error with its exit and the next step', async () => {
  const data = { tool: 'apt', verb: 'install', wanted: ['slapd'], removes: false };
  const ports = scriptedPorts([{ execute: {}, gives: { code: 100, stderr: 'E: Could not get lock\n' } }]);
  await expect(
    packageAction.write({ name: 'slapd' }, [{ what: '', lines: [], data }], ports),
  ).rejects.toMatchObject({
    message: 'apt install slapd exited 100; stderr: E: Could not get lock',
    next: expect.stringContaining('refresh the package lists'),
  });
});

test('a host with neither tool, and an answer that is none, are errors', async () => {
  await expect(
    packageAction.read({ name: 'x' }, scriptedPorts([{ probe: {}, gives: { code: 3 } }])),
  ).rejects.toThrow('neither apt nor dnf');
  expect(() => parsePackages('', ['x'])).toThrow('cannot be read');
  expect(() => parsePackages('tool apt\n', ['x'])).toThrow('cannot be read');
});

test('a simulation without removals has none', () => {
  expect(parseSimulation(installs).removes).toBe(false);
  expect(parseSimulation(removals).removes).toBe(true);
});

test.each([
  [{}, 'exactly one of name and names'],
  [{ name: 'a', names: ['b'] }, 'exactly one of name and names'],
  [{ name: '-o' }, 'must be the name of a package'],
  [{ names: ['a', 'b'], version: '1' }, 'belongs to one `name`'],
])('params %j are refused', (params, message) => {
  expect(JSON.stringify(packageAction.params.safeParse(params).error?.issues)).toContain(message);
});
