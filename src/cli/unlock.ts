import { Command } from 'commander';
import { inventoryOption } from './option.ts';

export interface UnlockOptions {
  readonly inventory?: string;
  readonly show?: boolean;
  readonly because?: string;
  readonly as?: string;
  readonly json?: boolean;
}

export function unlockCommand(): Command {
  return new Command('unlock')
    .summary('show which runs hold which hosts, and set them free')
    .description(
      'Takes hosts away from the runs that hold them. Such a run can start nothing more there; what it has begun goes on.',
    )
    .argument('[selector]', 'group, host, glob or a mix such as masters:!ldap3', 'all')
    .addOption(inventoryOption())
    .option('--show', 'only show who holds what, since when and why')
    .option('--because <text>', 'why; asked for at a terminal')
    .option('--as <user>', 'the lease of commands that run as that user, not of the main one')
    .option('--json', 'JSON, one object a host')
    .addHelpText(
      'after',
      `
A run gives its hosts back when it is done or held. One that was killed is resumed at once on the same machine; elsewhere
its hosts are free a minute after its end. Examples:
  lockstep unlock --show -i hosts.yaml
  lockstep unlock ldap2 -i hosts.yaml --because "the jump host of that run is gone"`,
    )
    .action(async (selector: string, options: UnlockOptions) => {
      const { unlockHosts } = await import('./unlock-hosts.ts');
      process.exitCode = await unlockHosts(selector, options);
    });
}
