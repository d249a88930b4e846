import { Command, Option } from 'commander';

export interface ResolveOptions {
  readonly as: 'applied' | 'not-applied';
  readonly because: string;
  readonly hostIsGone?: boolean;
  readonly json?: boolean;
}

export function resolveCommand(): Command {
  return new Command('resolve')
    .summary('say what became of a task in doubt, or of one that failed half-way')
    .description(
      "Records a person's word on a task that is in doubt, where its receipt and its probes could not tell, or that failed after it had begun. Contacts nobody; resume goes on from there.",
    )
    .argument('<run>', 'id of the run, its last four letters, or "last"')
    .argument('<task>', 'the task, such as load@ldap2')
    .addOption(
      new Option('--as <verdict>', 'applied: it took effect and is verified; not-applied: it is done anew')
        .choices(['applied', 'not-applied'])
        .makeOptionMandatory(),
    )
    .requiredOption('--because <text>', 'how you know, for the journal')
    .option('--host-is-gone', 'take your word though the host could never be asked for its receipt')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Example, after a run was held with exit code 4:
  lockstep resolve last add-agreement@ldap2 --as applied --because "olcSyncrepl shows rid=102"
  lockstep resume`,
    )
    .action(async (run: string, task: string, options: ResolveOptions) => {
      const { resolveDoubt } = await import('./resolve-doubt.ts');
      process.exitCode = await resolveDoubt(run, task, options);
    });
}
