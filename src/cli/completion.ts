import { Argument, Command } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function completionCommand(): Command {
  return new Command('completion')
    .summary('completion for your shell')
    .description('Prints a script that completes commands, options, runbooks, runs and labs.')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExample, for bash:\n  lockstep completion bash > /etc/bash_completion.d/lockstep',
    )
    .action((shell: (typeof SHELLS)[number]) => {
      process.stdout.write(SCRIPTS[shell]);
    });
}

/** Called by the scripts with the words typed so far; prints the words that may follow, one a line. */
export function completeCommand(program: Command): Command {
  return new Command('__complete').argument('[words...]').action(async (words: readonly string[]) => {
    const { candidates } = await import('./complete.ts');
    const found = await candidates(program, words);
    process.stdout.write(found.map((word) => `${word}\n`).join(''));
  });
}

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: `_lockstep() {
  local IFS=$'\\n' last="\${COMP_WORDS[COMP_CWORD]}"
  [ "$last" = "=" ] && last=
  COMPREPLY=($(compgen -o default -W "$("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "$last"))
}
complete -o default -F _lockstep lockstep
`,
  zsh: `#compdef lockstep
_lockstep() {
  local -a found
  found=(\${(f)"$(\${words[1]} __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -a found || _files
}
compdef _lockstep lockstep
`,
  fish: `complete -c lockstep -f -a '(set -l words (commandline -opc) (commandline -ct); lockstep __complete -- $words[2..] 2>/dev/null)'
`,
};
