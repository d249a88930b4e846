import { Command, Option } from 'commander';

export interface ResolveOptions {
  readonly as: 'applied' | 'not-applied' | 'skipped';
  readonly because: string;
  readonly hostIsGone?: boolean;
  readonly json?: boolean;
}

export function resolveCommand(): Command {
  return new Command('resolve')
    .summary('say what became of a task in doubt, or of one that failed, or pass over it')
    .description(
      "Records a person's word on a task that is in doubt, where its receipt and its probes could not tell, or that failed after it had begun; or passes over one that failed. Contacts nobody; resume goes on from there.",
    )
    .argument('<run>', 'id of the run, its last four letters, or "last"')
    .argument('<task>', 'the task, such as load@ldap2')
    .addOption(
      new Option(
        '--as <verdict>',
        'applied: it took effect and is verified; not-applied: it is done anew; skipped: it failed, and the run goes on without it',
      )
        .choices(['applied', 'not-applied', 'skipped'])
        .makeOptionMandatory(),
    )
    .requiredOption('--because <text>', 'how you know, or why it may be left out, for the journal')
    .option('--host-is-gone', 'take your word though the host could never be asked for its receipt')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Examples, after a run was held with exit code 4 (doubt) or 2 (failure):
  lockstep resolve last add-agreement@ldap2 --as applied --because "olcSyncrepl shows rid=102"
  lockstep resolve last warm-up@ldap3 --as skipped --because "ldap3 is out of the pool tonight"
  lockstep resume

What is skipped may still have taken effect in part: an undo of the run takes that back too.`,
    )
    .action(async (run: string, task: string, options: ResolveOptions) => {
      const { resolveDoubt } = await import('./resolve-doubt.ts');
      process.exitCode = await resolveDoubt(run, task, options);
    });
}
