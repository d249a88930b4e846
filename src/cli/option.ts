/** Options that several commands share, spelled and explained once. */
import { InvalidArgumentError, Option } from 'commander';

export function inventoryOption(): Option {
  return new Option(
    '-i, --inventory <source>',
    'inventory: a file, a directory, lab:NAME, or a list such as host1,host2,',
  ).env('LOCKSTEP_INVENTORY');
}

export function yesOption(): Option {
  return new Option(
    '-y, --yes',
    'pass questions of class notice and confirm; never doubt, never a typed one',
  );
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

export interface RunOptions {
  readonly inventory?: string;
  readonly yes?: boolean;
  readonly plain?: boolean;
  readonly ndjson?: boolean;
  readonly junit?: string;
  readonly reason?: string;
  readonly takeOver?: string;
  readonly acceptDrift?: readonly string[];
}
