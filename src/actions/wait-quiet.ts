import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import { formatDuration, parseDuration } from '../engine/duration.ts';
import type { ReadPorts } from '../engine/ports.ts';
import { ActionError } from './action-error.ts';
import { durationParam } from './duration-param.ts';
import { commandFailed, exitedWith } from './exit-text.ts';
import { pathParam } from './path-param.ts';
import { openText } from './text-param.ts';

const params = z
  .strictObject({
    path: pathParam.describe('Log file.'),
    pattern: openText
      .min(1)
      .describe('Extended regular expression of POSIX, as for `grep -E`, in the C locale.'),
    for: durationParam.describe('How long no matching line may be added.'),
    within: durationParam
      .optional()
      .describe('Give up after this long. Default: 5 times `for`, at least 60s.'),
    as: openText.optional().describe('User who reads the log.'),
  })
  .refine((params) => params.within === undefined || quietMs(params.within) >= quietMs(params.for), {
    error: 'must not be shorter than `for`',
    path: ['within'],
  });

type Params = z.input<typeof params>;

/** 0 for a text that `durationParam` has already refused. */
function quietMs(text: string): number {
  return durationParam.safeParse(text).success ? parseDuration(text) : 0;
}

export interface Quiet {
  readonly kind: 'quiet' | 'line' | 'missing' | 'rotated-away';
  /** The newest matching line. */
  readonly line: string;
  readonly count: number;
}

export const waitQuiet: GateAction<Params, Quiet> = {
  kind: 'gate',
  name: 'wait.quiet',
  about:
    'Waits until a log has got no matching line for a while. Only what is added meanwhile counts; a log that is rotated is ' +
    'followed into its new file, and the rest of the old one is read too.',
  params,
  patience: { withinMs: 60_000, everyMs: 0, times: 1 },
  patienceOf: (params) => ({
    withinMs:
      params.within === undefined
        ? Math.max(60_000, 5 * parseDuration(params.for))
        : parseDuration(params.within),
    // One look takes `for` itself; the next may begin at once.
    everyMs: 0,
    times: 1,
  }),
  read: watch,
  lacking: (params, facts) => {
    switch (facts.kind) {
      case 'quiet':
        return undefined;
      case 'missing':
        return `${params.path} is not there`;
      case 'rotated-away':
        return `${params.path} was rotated, and the rest of the old file can no longer be read`;
      case 'line':
        return `${params.path} got ${facts.count} matching ${facts.count === 1 ? 'line' : 'lines'} within ${formatDuration(parseDuration(params.for))}; the last: ${facts.line}`;
    }
  },
  result: (_params, facts) => ({ count: facts.count, line: facts.line }),
};

/** Where the log ended when the watch began. */
const markScript = `
[ -f "$LOCKSTEP_PATH" ] || exit 7
stat -c '%i %s' -- "$LOCKSTEP_PATH"
`;

/**
 * Everything since the mark is read again each time: a line that was half written at one look is whole at the next.
 * When the name has another inode the log was rotated, and its rest is looked for by inode in the same directory; when
 * it is shorter than the mark it was truncated in place, and what was cut off is lost to us.
 */
const sinceScript = `
p=$LOCKSTEP_PATH dir=\${LOCKSTEP_PATH%/*}
[ -f "$p" ] || exit 7
now=$(stat -c '%i %s' -- "$p") || exit 5
inode=\${now% *} size=\${now#* }
added() {
  if [ "$inode" != "$LOCKSTEP_INODE" ]; then
    old=$(find "\${dir:-/}" -maxdepth 1 -type f -inum "$LOCKSTEP_INODE" 2>/dev/null | head -n 1)
    [ -n "$old" ] || return 8
    tail -c +"$((LOCKSTEP_OFFSET + 1))" -- "$old" && cat -- "$p"
  elif [ "$size" -lt "$LOCKSTEP_OFFSET" ]; then cat -- "$p"
  else tail -c +"$((LOCKSTEP_OFFSET + 1))" -- "$p"
  fi
}
if [ "$inode" != "$LOCKSTEP_INODE" ]; then
  [ -n "$(find "\${dir:-/}" -maxdepth 1 -type f -inum "$LOCKSTEP_INODE" 2>/dev/null)" ] || exit 8
fi
grep -E -e "$LOCKSTEP_PATTERN" </dev/null >/dev/null; [ $? -lt 2 ] || exit 9
added | LC_ALL=C grep -a -E -e "$LOCKSTEP_PATTERN" | { n=0; last=; while IFS= read -r line; do n=$((n + 1)); last=$line; done; printf '%s\\n%s\\n' "$n" "$last"; }
`;

/** Most time between two looks, in ms, so that a line is told soon. */
const lookEveryMs = 2_000;

async function watch(params: Params, ports: ReadPorts): Promise<Quiet> {
  const run = (script: string, env: Record<string, string>) =>
    ports.probe({
      script,
      env: { LC_ALL: 'C', LOCKSTEP_PATH: params.path, LOCKSTEP_PATTERN: params.pattern, ...env },
      ...(params.as === undefined ? {} : { as: params.as }),
    });
  const mark = await run(markScript, {});
  if (exitedWith(mark.exit, [7])) return { kind: 'missing', line: '', count: 0 };
  const [, inode, offset] = /^(\d+) (\d+)\n/.exec(mark.stdout) ?? [];
  if (!exitedWith(mark.exit, [0]) || inode === undefined || offset === undefined) {
    throw commandFailed(`looking at ${params.path}`, mark);
  }
  const until = ports.now() + parseDuration(params.for);
  for (;;) {
    await ports.sleep(Math.min(lookEveryMs, Math.max(0, until - ports.now())));
    const last = ports.now() >= until;
    const since = await run(sinceScript, { LOCKSTEP_INODE: inode, LOCKSTEP_OFFSET: offset });
    if (exitedWith(since.exit, [9])) {
      throw new ActionError(`wait.quiet: grep cannot read the pattern /${params.pattern}/`, {
        next: 'Write it as an extended regular expression of POSIX: no \\d, no (?:…).',
        command: since,
      });
    }
    if (exitedWith(since.exit, [7])) {
      // Between the rename and the new file there is none for a moment.
      if (last) return { kind: 'missing', line: '', count: 0 };
      continue;
    }
    if (exitedWith(since.exit, [8])) return { kind: 'rotated-away', line: '', count: 0 };
    const match = /^(\d+)\n(.*)\n$/.exec(since.stdout);
    if (!exitedWith(since.exit, [0]) || match === null) throw commandFailed(`reading ${params.path}`, since);
    const count = Number(match[1]);
    if (count > 0) return { kind: 'line', line: (match[2] ?? '').slice(0, 300), count };
    if (last) return { kind: 'quiet', line: '', count: 0 };
  }
}
