import { afterEach, expect, test } from 'vitest';
import { onSignals } from '../../src/cli/signals.ts';
import type { Input } from '../../src/engine/input.ts';

let stop: () => void = () => undefined;
afterEach(() => stop());

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'the first %s holds the run, and says what a second does',
  (signal) => {
    const said: string[] = [];
    const commands: Input[] = [];
    const signals = onSignals((text) => said.push(text));
    stop = signals.stop;
    signals.listen((command) => commands.push(command));
    process.emit(signal, signal);
    expect(commands).toEqual([{ type: 'hold', reason: 'operator', text: `held by ${signal}` }]);
    expect(said.join('')).toContain(
      'holding as soon as what is under way has ended; once more lets go at once',
    );
  },
);

test('after the end of a run, a signal is nobody’s', () => {
  const before = process.listenerCount('SIGTERM');
  const signals = onSignals(() => undefined);
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  signals.stop();
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('output that nobody reads holds the run, and a signal beside it is still the first', () => {
  const said: string[] = [];
  const commands: Input[] = [];
  const signals = onSignals((text) => said.push(text));
  stop = signals.stop;
  signals.listen((command) => commands.push(command));
  process.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  process.emit('SIGHUP', 'SIGHUP');
  expect(commands.map((command) => command.type === 'hold' && command.text)).toEqual([
    'held, since nobody reads its output any more',
    'held by SIGHUP',
  ]);
  expect(said.join('')).not.toContain('let go');
});
