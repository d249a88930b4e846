/** What a script would do by hand: connect everywhere at once, then a channel a step, one after the other on each host. */
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';
import type { Site } from './site.ts';

const site = JSON.parse(process.env.BENCH ?? '{}') as Site & { readonly steps: number };
const privateKey = readFileSync(site.identityFile);
let good = 0;

await Promise.all(
  site.addresses.map(async (host) => {
    const client = new ssh2.Client();
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve).once('error', reject);
      client.connect({ host, port: site.port, username: site.user, privateKey, readyTimeout: 60_000 });
    });
    for (let step = 0; step < site.steps; step++) if ((await exec(client, '/bin/true')) === 0) good++;
    client.end();
  }),
);
process.stdout.write(`${good} commands ended with 0\n`);

function exec(client: ssh2.Client, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let code = -1;
      channel.on('exit', (status: number) => {
        code = status;
      });
      channel.on('close', () => resolve(code));
      channel.resume();
      channel.stderr.resume();
    });
  });
}
