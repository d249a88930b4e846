import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release } from 'node:os';

/** What the figures depend on. The load is that before the benchmark: above 0.5 others had a share in the times. */
export function environmentLine(): string {
  const sshd = first(['ssh', '-V'], /^[^ ,]+/);
  const others = [
    first(['ansible-playbook', '--version'], /core [\d.]+/),
    first(['clush', '--version'], /[\d.]+/),
  ];
  return [
    `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Linux ${release()}, load ${loadavg()[0]?.toFixed(2)}`,
    `node ${process.versions.node}, ${sshd}, ansible ${others[0]}, clush ${others[1]}`,
  ].join('\n');
}

function first([program = '', ...words]: readonly string[], pattern: RegExp): string {
  const { stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
  return error ? 'not installed' : (pattern.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown');
}
