import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import { patienceFields, patienceFrom } from './patience-fields.ts';
import { openText } from './text-param.ts';

const itself = '127.0.0.1';

const params = z.strictObject({
  port: z.int().min(1).max(65_535).describe('TCP port.'),
  address: openText
    .min(1)
    .default(itself)
    .describe('Name or address to connect to, as seen from the host; by default the host itself.'),
  ...patienceFields,
});
const patience = { withinMs: 60_000, everyMs: 1_000, times: 1 };

export const waitPort: GateAction<z.input<typeof params>, true | string> = {
  kind: 'gate',
  name: 'wait.port',
  about:
    'Waits until the host can open a TCP connection to a port, its own or that of another machine: by default every 1s ' +
    'for at most 60s. It says that something listens, not that it works.',
  params,
  patience,
  patienceOf: (params) => patienceFrom(params, patience),
  read: ({ address, port }, ports) => ports.reaches(address ?? itself, port),
  lacking: ({ address, port }, facts) =>
    facts === true ? undefined : `no connection to ${endpoint(address ?? itself, port)}: ${facts}`,
  result: ({ address, port }) => ({ address: address ?? itself, port }),
};

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
