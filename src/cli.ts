/** The entry: argv, environment, exit code. The only process.exit is here. */
import { enableCompileCache } from 'node:module';

enableCompileCache();

const { main } = await import('./cli/main.ts');
process.exitCode = await main(process.argv);
// A closed run leaves nothing open but what a library forgot (an agent's socket): never hang on it.
setTimeout(() => process.exit(), 2000).unref();
