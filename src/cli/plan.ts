import { Command, Option } from 'commander';
import { inventoryOption, type RunOptions, setOption } from './option.ts';

export interface PlanOptions extends Pick<RunOptions, 'inventory' | 'plain'> {
  readonly set: Readonly<Record<string, string>>;
  readonly offline?: boolean;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly out?: string;
}

export function planOptions(): readonly Option[] {
  return [
    new Option('--offline', 'contact no host: say only what the papers say'),
    new Option('--plain', 'print it; by itself without a terminal'),
    new Option('--json', 'the plan as JSON, on stdout'),
    new Option('--markdown', 'the plan as Markdown, for a change ticket'),
    new Option('--out <file>', 'keep the plan sealed in a file, for approve and run --plan'),
  ];
}

export function planCommand(): Command {
  const command = new Command('plan')
    .summary('say what a run would do, and change nothing')
    .description(
      'Looks at the real hosts and says of every task what would happen: observed, told by the tool itself, or unknown and why.',
    )
    .argument('<runbook>', 'a name such as openldap/enable-mmr, or a path to a .yaml')
    .addOption(inventoryOption())
    .addOption(setOption());
  for (const option of planOptions()) command.addOption(option);
  return command
    .addHelpText(
      'after',
      `
Examples:
  lockstep plan openldap/enable-mmr -i lab:demo
  lockstep plan openldap/enable-mmr -i hosts.yaml --out CHG-4211.plan --markdown >CHG-4211.md
  lockstep run openldap/enable-mmr -i hosts.yaml --plan CHG-4211.plan

Exit codes: 0 the plan is made; 2 it is made, and a step would fail or a host could not be looked at.`,
    )
    .action(async (name: string, options: PlanOptions) => {
      const { tellPlan } = await import('./tell-plan.ts');
      process.exitCode = await tellPlan(name, options);
    });
}
