import { Command, CommanderError } from 'commander';
import { JournalError } from '../journal/journal-error.ts';
import { approveCommand } from './approve.ts';
import { attachCommand } from './attach.ts';
import { completeCommand, completionCommand } from './completion.ts';
import { doctorCommand } from './doctor.ts';
import { EXIT, failureCode, Stop } from './exit-code.ts';
import { tellFault } from './fault.ts';
import { inventoryCommand } from './inventory.ts';
import { labCommand } from './lab.ts';
import { lintCommand } from './lint.ts';
import { listCommand } from './list.ts';
import { noteCommand } from './note.ts';
import { planCommand } from './plan.ts';
import { resolveCommand } from './resolve.ts';
import { resumeCommand } from './resume.ts';
import { runCommand } from './run.ts';
import { runsCommand } from './runs.ts';
import { schemaCommand } from './schema.ts';
import { showCommand } from './show.ts';
import { statusCommand } from './status.ts';
import { undoCommand } from './undo.ts';
import { unlockCommand } from './unlock.ts';
import { verifyJournalCommand } from './verify-journal.ts';
import { VERSION } from './version.ts';

/** Every command; each loads what it needs only when it is called. Resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('lockstep')
    .description('Runs versioned YAML runbooks, step by step, over SSH, on directory and mail servers.')
    .version(VERSION)
    .exitOverride()
    // `lab ssh HOST ls --version` is the remote program's option, not ours.
    .enablePositionalOptions()
    .showHelpAfterError('(lockstep --help lists the commands)');
  const commands = [
    planCommand(),
    runCommand(),
    resumeCommand(),
    resolveCommand(),
    undoCommand(),
    approveCommand(),
    unlockCommand(),
    runsCommand(),
    showCommand(),
    attachCommand(),
    noteCommand(),
    verifyJournalCommand(),
    listCommand(),
    lintCommand(),
    schemaCommand(),
    statusCommand(),
    doctorCommand(),
    inventoryCommand(),
    labCommand(),
    completionCommand(),
  ];
  for (const command of commands) {
    overrideExits(command);
    program.addCommand(command);
  }
  program.addCommand(completeCommand(program), { hidden: true });
  try {
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    return failureCode(explain(error), argv);
  }
}

function overrideExits(command: Command): void {
  command.exitOverride();
  for (const sub of command.commands) overrideExits(sub);
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.code === 'commander.unknownOption' && error.message.includes("'--yes="))
      process.stderr.write('  next: --yes, --yes=confirm or --yes=typed\n');
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  if (error instanceof Stop || error instanceof JournalError) {
    process.stderr.write(`lockstep: ${error.message}\n`);
    if (error.next) process.stderr.write(`  next: ${error.next}\n`);
    return error instanceof Stop ? error.code : EXIT.failed;
  }
  return tellFault(error);
}
