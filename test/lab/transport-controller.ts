/**
 * A controller of its own, to be killed or stopped: executes one command on the target given as JSON, and prints how it ended.
 * With the terms of a lease it takes that first, says so, and waits for a line on its input.
 */
import { once } from 'node:events';
import { TransportError } from '../../src/engine/ports.ts';
import { createTransport } from '../../src/transport/pool.ts';

const [target, token, command, terms] = process.argv.slice(2).map((text) => JSON.parse(text));
const transport = createTransport({ askHostKey: async () => false });
const connection = transport.connect(target);
try {
  const lease = terms && (await takeLease());
  const started = () => console.log('started');
  console.log(
    JSON.stringify(await connection.execute({ ...token, ...(lease && { lease }) }, command, { started })),
  );
} catch (error) {
  if (!(error instanceof TransportError)) throw error;
  console.log(JSON.stringify({ refused: error.kind, message: error.message }));
}
process.stdin.destroy();
await transport.closeAll();

async function takeLease() {
  const answer = await connection.lease({ act: 'claim', terms });
  if (answer.kind !== 'taken') throw new Error(answer.kind);
  console.log('leased');
  await once(process.stdin, 'data');
  return { epoch: answer.epoch, nonce: terms.nonce };
}
