/** Options that several commands share, spelled and explained once. */
import { InvalidArgumentError, Option } from 'commander';
import type { WindowOptions } from './change-window.ts';

export function inventoryOption(): Option {
  return new Option(
    '-i, --inventory <source>',
    'inventory: a file, a directory, lab:NAME, or a list such as host1,host2,',
  ).env('LOCKSTEP_INVENTORY');
}

/** Each spelling is a flag of its own: an optional value would swallow the word that follows a bare `--yes`. */
export function yesOptions(): readonly Option[] {
  return [
    new Option('-y, --yes', 'pass questions of class confirm; never doubt, never a typed one'),
    new Option('--yes=confirm', 'the same').hideHelp(),
    new Option(
      '--yes=typed',
      'pass typed questions too, points of no return among them; never doubt, never what two people must approve',
    ),
  ];
}

export function answersOption(): Option {
  return new Option('--answers <file>', 'answers given beforehand, until they expire: docs/gates.md');
}

export function noInputOption(): Option {
  return new Option('--no-input', 'ask nobody, even at a terminal: what no policy passes holds the run');
}

export function reporterOptions(): readonly Option[] {
  return [
    new Option('--plain', 'one line an event, no redrawn line; by itself without a terminal'),
    new Option('--ndjson', "the journal's records, a line each, on stdout"),
    new Option('--junit <file>', 'a report in JUnit XML besides, written at the end, whatever that is'),
  ];
}

export function takeOverOption(): Option {
  return new Option(
    '--take-over <reason>',
    'take over hosts that another run holds; it can then start nothing more there',
  );
}

export function windowOption(): Option {
  return new Option(
    '--window <spec>',
    'when changes may be made: 01:00-03:00, "2026-11-27 01:00-03:00 Europe/Berlin", none; else LOCKSTEP_WINDOW',
  );
}

export function timeoutOption(): Option {
  return new Option(
    '--timeout <duration>',
    'as a window that closes so long from now, such as 90m; a resume does not keep it',
  );
}

/** `--set name=value`, as often as wanted. */
export function setOption(): Option {
  return new Option('-s, --set <name=value>', 'an input of the runbook; may be given again')
    .default({}, 'none')
    .argParser((text: string, given: Readonly<Record<string, string>>) => {
      const equals = text.indexOf('=');
      if (equals < 1) throw new InvalidArgumentError('must be NAME=VALUE, such as --set first=ldap1');
      const name = text.slice(0, equals);
      if (Object.hasOwn(given, name)) throw new InvalidArgumentError(`${name} is set twice`);
      return { ...given, [name]: text.slice(equals + 1) };
    });
}

export interface RunOptions extends WindowOptions {
  readonly inventory?: string;
  readonly yes?: boolean;
  readonly 'yes=confirm'?: boolean;
  readonly 'yes=typed'?: boolean;
  /** False by `--no-input`. */
  readonly input?: boolean;
  readonly plain?: boolean;
  readonly ndjson?: boolean;
  readonly junit?: string;
  readonly reason?: string;
  /** A sealed plan: what it says is what is done. */
  readonly plan?: string;
  readonly takeOver?: string;
  readonly answers?: string;
  readonly acceptDrift?: readonly string[];
}
