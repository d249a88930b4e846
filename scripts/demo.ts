/** Two fresh hosts, one runbook, the proof. Run as root by `npm run demo`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const LAB = 'demo';
const lockstep = join(import.meta.dirname, '..', 'lockstep');
const dn = 'cn=written-by-the-demo,dc=example,dc=com';

say('1. Two hosts: one serves 1,000 entries, the other runs a fresh slapd');
call('lab', 'down', LAB);
must('lab', 'up', LAB, '--platform', 'openldap', '--debian', '12', '--hosts', '2');

say('2. The runbook: from one server to two masters');
const terminal = process.stdin.isTTY && process.stdout.isTTY;
must('run', 'openldap/enable-mmr', '-i', `lab:${LAB}`, ...(terminal ? [] : ['--yes=typed']));

say('3. The proof: what is written on one is on the other');
prove('ldap1', 'ldap2');
prove('ldap2', 'ldap1');

say('4. The same runbook again: nothing is left to do');
must('run', 'openldap/enable-mmr', '-i', `lab:${LAB}`, '--yes', '--plain');

say('Look around');
process.stdout.write(`  ./lockstep show last                      what was done, step by step
  ./lockstep verify-journal last            the journal is as it was written
  ./lockstep inventory check -i lab:${LAB}
  ./lockstep lab ssh ldap1 --lab ${LAB}
  ./lockstep lab down ${LAB}                   takes it all away again
`);

function prove(on: string, other: string): void {
  write(on, `dn: ${dn}\nchangetype: add\nobjectClass: organizationalRole\n`);
  const began = performance.now();
  while (!reads(other)) {
    if (performance.now() - began > 10_000)
      stop(`${dn} was written on ${on} and is not on ${other} after 10 s`);
  }
  const ms = Math.round(performance.now() - began);
  write(on, `dn: ${dn}\nchangetype: delete\n`);
  process.stdout.write(
    `  written on ${on}, read on ${other} ${ms} ms later (each look takes a new SSH connection)\n`,
  );
}

function write(host: string, ldif: string): void {
  const run = spawnSync(
    lockstep,
    ['lab', 'exec', host, '--lab', LAB, '--', 'ldapmodify', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///'],
    {
      input: ldif,
      encoding: 'utf8',
    },
  );
  if (run.status !== 0) stop(`${host}: ${run.stderr}`);
}

function reads(host: string): boolean {
  const query = [
    'ldapsearch',
    '-Q',
    '-LLL',
    '-Y',
    'EXTERNAL',
    '-H',
    'ldapi:///',
    '-s',
    'base',
    '-b',
    dn,
    '1.1',
  ];
  return (
    spawnSync(lockstep, ['lab', 'exec', host, '--lab', LAB, '--', ...query], { encoding: 'utf8' }).status ===
    0
  );
}

function must(...words: readonly string[]): void {
  const status = call(...words);
  if (status !== 0) stop(`lockstep ${words.join(' ')} ended with code ${status}`, status);
}

function call(...words: readonly string[]): number {
  process.stdout.write(`$ ./lockstep ${words.join(' ')}\n`);
  return spawnSync(lockstep, words, { stdio: 'inherit' }).status ?? 1;
}

function say(text: string): void {
  process.stdout.write(`\n=== ${text}\n`);
}

function stop(text: string, code = 1): never {
  process.stderr.write(`demo: ${text}\n`);
  process.exit(code);
}
