/** The entry: argv, environment, exit code. process.exit is called here, and where a second signal lets go (cli/signals.ts). */
import { enableCompileCache } from 'node:module';

enableCompileCache();

// A reader that has seen enough (`lockstep show | head`) is no fault. A run holds: see cli/signals.ts.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

const { onFaults } = await import('./cli/fault.ts');
const { failureCode } = await import('./cli/exit-code.ts');
onFaults((code) => process.exit(failureCode(code, process.argv)));
const { main } = await import('./cli/main.ts');
process.exitCode = await main(process.argv);
// A closed run leaves nothing open but what a library forgot (an agent's socket): never hang on it.
setTimeout(() => process.exit(), 2000).unref();
