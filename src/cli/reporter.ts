import { ndjsonReporter } from '../reporters/ndjson.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { type Style, styleFor } from '../reporters/style.ts';
import { textReporter } from '../reporters/text.ts';
import type { RunOptions } from './option.ts';

/** The reporter that the options and the output ask for. */
export function pickReporter(options: RunOptions): { reporter: Reporter; style: Style } {
  const isTerminal = process.stdout.isTTY === true && !options.plain;
  const style = styleFor(process.env, process.stdout.isTTY === true);
  const write = (text: string): void => {
    process.stdout.write(text);
  };
  if (options.ndjson) return { reporter: ndjsonReporter(write), style };
  const columns = (): number => process.stdout.columns ?? 100;
  return { reporter: textReporter({ write, style, isTerminal, now: Date.now, columns }), style };
}
