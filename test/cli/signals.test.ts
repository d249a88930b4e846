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

test('what comes while nobody listens is kept for the next who does', () => {
  const first: Input[] = [];
  const second: Input[] = [];
  const signals = onSignals(() => undefined);
  stop = signals.stop;
  signals.listen((command) => first.push(command));
  signals.keep();
  const note: Input = { type: 'note', text: 'x', by: 'alice' };
  signals.command(note);
  signals.listen((command) => second.push(command));
  expect([first, second]).toEqual([[], [note]]);
});

test('a signal asks the process to leave, a hold by a key does not; once the operator goes on, the next is a first one again', () => {
  const said: string[] = [];
  const signals = onSignals((text) => said.push(text));
  stop = signals.stop;
  signals.command({ type: 'hold', reason: 'operator', text: 'held by h' });
  expect(signals.mustLeave()).toBe(false);
  process.emit('SIGTERM', 'SIGTERM');
  expect(signals.mustLeave()).toBe(true);
  signals.rearm();
  expect(signals.mustLeave()).toBe(false);
  process.emit('SIGTERM', 'SIGTERM');
  expect(said).toHaveLength(2);
  expect(said.join('')).not.toContain('let go');
});
