import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import { formatDuration, parseDuration } from '../engine/duration.ts';
import { durationParam } from './duration-param.ts';
import { once } from './patience-fields.ts';

const params = z.strictObject({
  'at-most': durationParam
    .optional()
    .describe(
      'How far the clock may be off; the uncertainty of the measurement is given to the host. Default: any.',
    ),
});

interface Skew {
  readonly skewMs: number;
  readonly uncertaintyMs: number;
}

export const readClock: GateAction<z.input<typeof params>, Skew> = {
  kind: 'gate',
  name: 'read.clock',
  about:
    'Compares the clock of the host with that of the controller: `result["skew-ms"]` is positive when the host is ahead, ' +
    'right to `result["uncertainty-ms"]`.',
  params,
  reads: (host) => [{ host, path: ['clock'] }],
  patience: once,
  read: (_params, ports) => ports.clockSkew(),
  lacking: (params, { skewMs, uncertaintyMs }) => {
    if (params['at-most'] === undefined) return undefined;
    if (Math.abs(skewMs) - uncertaintyMs <= parseDuration(params['at-most'])) return undefined;
    const off = `${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} the controller`;
    return (
      `the clock is ${off} (± ${formatDuration(uncertaintyMs)}), more than ${params['at-most']}; ` +
      'put time synchronisation (chrony, ntpd, systemd-timesyncd) right on whichever of the two is wrong'
    );
  },
  result: (_params, { skewMs, uncertaintyMs }) => ({ 'skew-ms': skewMs, 'uncertainty-ms': uncertaintyMs }),
};
