import { ndjsonReporter } from '../reporters/ndjson.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { type Style, styleFor } from '../reporters/style.ts';
import { tee } from '../reporters/tee.ts';
import { textReporter } from '../reporters/text.ts';
import type { RunOptions } from './option.ts';

/** The reporter that the options and the output ask for; `junit` hears the same. */
export function pickReporter(options: RunOptions, junit?: Reporter): { reporter: Reporter; style: Style } {
  const isTerminal = process.stdout.isTTY === true && !options.plain;
  const style = styleFor(process.env, process.stdout.isTTY === true);
  const write = (text: string): void => {
    process.stdout.write(text);
  };
  const columns = (): number => process.stdout.columns ?? 100;
  const screen = options.ndjson
    ? ndjsonReporter(write)
    : textReporter({ write, style, isTerminal, now: Date.now, columns });
  return { reporter: junit ? tee(screen, junit) : screen, style };
}
