/** Receipts on a disk that is full, for every shell here. Needs root, for a tmpfs of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeFrame, lookFrame } from '../../src/transport/envelope.ts';
import type { Session } from '../../src/transport/session.ts';
import { shells, startSession } from '../transport/shells.ts';

let directory: string;
let disk: string;
let lane: Session | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lockstep-disk-'));
  disk = join(directory, 'disk');
  execFileSync('mkdir', [disk]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
});
afterEach(() => {
  lane?.close();
  execFileSync('umount', ['-l', disk]);
  rmSync(directory, { recursive: true, force: true });
});

const fill = `cat /dev/zero >${'$1'} 2>/dev/null`;
const token = (attempt: number) => ({ run: 'r', task: 't', attempt });

describe.each(shells)('read by %s', (_name, words) => {
  async function execute(attempt: number, script: string): Promise<readonly string[]> {
    lane ??= await startSession(words, disk);
    const seq = lane.nextSeq();
    const frame = changeFrame(
      token(attempt),
      seq,
      { argv: ['sh', '-c', script, 'sh', join(disk, 'fill')] },
      'END',
      false,
    );
    return (await lane.run(frame, seq, { probe: false })).words;
  }
  afterEach(() => {
    lane = undefined;
  });

  test('a full disk starts nothing', async () => {
    await execute(1, 'true');
    execFileSync('sh', ['-c', `${fill}; exit 0`, 'sh', join(disk, 'fill')]);
    expect(await execute(2, `touch ${join(directory, 'ran')}`)).toEqual(['n', 'full']);
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });

  test('a command that fills the disk still leaves its exit code', async () => {
    expect(await execute(1, `${fill}; exit 7`)).toEqual(['e', '7']);
    expect(readFileSync(join(disk, 'r', 't.1'), 'utf8')).toMatch(/\nexit 7 [\d.]+\n$/);
    const seq = lane?.nextSeq() ?? 0;
    const looked = await lane?.run(lookFrame(token(1), seq, { stdout: 0, stderr: 0 }, true), seq, {
      probe: false,
    });
    expect(looked?.words.slice(0, 3)).toEqual(['q', 'ended', '7']);
  });
});
