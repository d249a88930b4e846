import { Command } from 'commander';
import type { ListOptions } from './list-runbooks.ts';

/** `lockstep list`: the runbooks there are, with their inputs. */
export function listCommand(): Command {
  return new Command('list')
    .description('Lists the runbooks with their versions and inputs')
    .option('--root <folder>', 'the runbooks folder; the one that came with lockstep when not given')
    .option('--json', 'as JSON')
    .action(async (options: ListOptions) => {
      const { listRunbooks } = await import('./list-runbooks.ts');
      process.stdout.write(await listRunbooks(options));
    });
}
