/** Mistakes in the steps that work on directories are named where they stand. */
import { expect, it } from 'vitest';
import { parse, runbookWith } from './sample.ts';

const peers = '${{ others(inputs.pool, host) }}';
const start = '- id: a\n  on: ${{ inputs.pool }}\n  ';

it.each([
  [
    'ldap.compare: { suffix: x, left: "${{ inputs.newcomer }}" }',
    'steps[0].ldap.compare.right',
    /is missing/,
  ],
  [
    'ldap.compare: { suffix: x, left: "${{ inputs.pool }}", right: "${{ host }}" }',
    'steps[0].ldap.compare.left',
    /list of hosts/,
  ],
  [
    'ldap.database: { suffix: x, directory: var/lib, root-dn: y }',
    'steps[0].ldap.database.directory',
    /must be an absolute path such as/,
  ],
  ['ldap.database: { suffix: x, directory: /var/lib }', 'steps[0].ldap.database.root-dn', /is missing/],
  [
    'ldap.database: { suffix: x, directory: /var/lib, root-dn: y, overlay: z }',
    'steps[0].ldap.database.overlay',
    /unknown key "overlay"/,
  ],
  ['ldap.first-log: { log: cn=accesslog }', 'steps[0].ldap.first-log.entry', /is missing/],
  [
    `wait.drained: { suffix: x, peers: "${peers}", for: 30 }`,
    'steps[0].wait.drained.for',
    /must be text, got 30/,
  ],
  [`wait.drained: { suffix: x, peers: "${peers}" }`, 'steps[0].wait.drained.for', /is missing/],
  [
    'read.certificate: { file: cert.pem, authority: /a, key: /k, user: u, name: n }',
    'steps[0].read.certificate.file',
    /must be an absolute path/,
  ],
  [
    'read.certificate: { file: /f, authority: /a, key: "${{ secrets.root }}", user: u, name: n }',
    'steps[0].read.certificate.key',
    /takes no secret: it would be seen/,
  ],
  [
    'ldap.agreement: { database: x, provider: y, starttls: "yes" }',
    'steps[0].ldap.agreement.starttls',
    /must be no, critical or as-is, got "yes"/,
  ],
  [
    'ldap.agreement: { database: x, provider: y, keep-word: true }',
    'steps[0].ldap.agreement.keep-word',
    /keep-words/,
  ],
  ['ldap.agreement: { database: x, provider: y, rid: 1000 }', 'steps[0].ldap.agreement.rid', /999/],
  [
    'ldap.entry: { dn: x, other-passwords: all }',
    'steps[0].ldap.entry.other-passwords',
    /must be keep or drop, got "all"/,
  ],
])('%s', (step, path, message) => {
  const text = runbookWith(start + step);
  const { problems } = parse(text);
  const [problem] = problems;
  expect(problem?.path).toBe(path);
  expect(`${problem?.message} ${problem?.hint}`).toMatch(message);
  const line = text.split('\n').findIndex((one) => one.includes(step.slice(0, 12))) + 1;
  expect([problem?.file, problem?.line]).toEqual(['a.yaml', line]);
});

it.each([
  'ldap.compare: { suffix: x, left: "${{ inputs.newcomer }}", right: "${{ inputs.pool[0] }}" }',
  'ldap.first-log: { log: cn=accesslog, entry: "${{ inputs.suffix }}" }',
  `wait.drained: { suffix: x, peers: "${peers}", for: 30s, within: 10m }`,
  'read.certificate: { file: /f, authority: /a, key: /k, user: u, name: "${{ host.address }}" }',
  'ldap.agreement: { database: x, provider: y, was: z, starttls: as-is, keep-words: true }',
  'ldap.entry: { dn: x, password: "${{ secrets.root }}", other-passwords: keep }',
])('has nothing against %s', (step) => {
  expect(parse(runbookWith(start + step)).problems).toEqual([]);
});
