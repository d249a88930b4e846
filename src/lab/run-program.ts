import { spawn } from 'node:child_process';
import { LabError } from './lab-error.ts';

export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** May hold a secret: it is never part of a message. */
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Resolve whatever the exit code; without it any code but 0 rejects. */
  readonly anyCode?: boolean;
  /** For messages, where the program's own name says too little. */
  readonly about?: string;
}

/** Our children get a plain environment: nothing of the operator's reaches a lab host, and messages are in English. */
export const plainEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  HOME: '/root',
};

/** Runs a local program to its end. `argv` must hold no secret. Rejects with LabError, last lines of stderr included. */
export function runProgram(argv: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      env: plainEnvironment,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal && { signal: options.signal }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const about = options.about ?? program;
    child.on('error', (cause) => reject(new LabError(`${about}: ${cause.message}`, { cause })));
    child.on('close', (code, killedBy) => {
      if (code === 0 || (options.anyCode && code !== null)) resolve({ code, stdout, stderr });
      else reject(new LabError(failure(about, code, killedBy, stderr)));
    });
    // A program that ends before it has read everything is told by its exit code, not by EPIPE.
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin ?? '');
  });
}

function failure(about: string, code: number | null, killedBy: string | null, stderr: string): string {
  const how = code === null ? `was killed by ${killedBy}` : `failed with code ${code}`;
  const lines = stderr.trim().split('\n').slice(-6).join('\n  ');
  return `${about} ${how}${lines ? `:\n  ${lines}` : ''}`;
}
