/** `lockstep inventory show` and `lockstep inventory check`. */
import { Command } from 'commander';
import { inventoryOption } from './option.ts';

interface Options {
  readonly inventory?: string;
  readonly json?: boolean;
}

export function inventoryCommand(): Command {
  const command = new Command('inventory').description(
    'The hosts: who they are, and whether they can be worked on',
  );
  command
    .command('show')
    .description('hosts, groups and ways in, as lockstep reads them')
    .argument('[selector]', 'group, host, glob or a mix such as masters:!ldap3', 'all')
    .addOption(inventoryOption())
    .option('--json', 'JSON with every variable')
    .action(async (selector: string, options: Options) => {
      const { showInventory } = await import('./inventory-run.ts');
      process.stdout.write(await showInventory(selector, options));
    });
  command
    .command('check')
    .description('reach, host key, become, clock, disk and versions of each host; changes nothing')
    .argument('[selector]', 'group, host, glob or a mix such as masters:!ldap3', 'all')
    .addOption(inventoryOption())
    .option('--json', 'JSON, one object a host')
    .action(async (selector: string, options: Options) => {
      const { checkInventory } = await import('./inventory-run.ts');
      process.exitCode = await checkInventory(selector, options);
    });
  return command;
}
