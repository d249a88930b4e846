/** A controller of its own, to be killed: executes one command on the target given as JSON, and prints how it ended. */
import { createTransport } from '../../src/transport/pool.ts';

const [target, token, command] = process.argv.slice(2).map((text) => JSON.parse(text));
const transport = createTransport({ askHostKey: async () => false });
const result = await transport
  .connect(target)
  .execute(token, command, { started: () => console.log('started') });
console.log(JSON.stringify(result));
await transport.closeAll();
