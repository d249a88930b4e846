import { z } from 'zod';
import { parseDuration } from '../engine/duration.ts';
import { durationParam } from './duration-param.ts';

export interface Patience {
  readonly withinMs: number;
  readonly everyMs: number;
  readonly times: number;
}

/** The parameters of every gate that polls. */
export const patienceFields = {
  within: durationParam.optional().describe('Give up after this long.'),
  every: durationParam.optional().describe('Time between two looks.'),
  times: z.int().min(1).optional().describe('It must hold this many times in a row.'),
};

/** For `patienceOf`: the gate's own defaults, overridden by the parameters that are given. */
export function patienceFrom(
  params: { within?: string | undefined; every?: string | undefined; times?: number | undefined },
  defaults: Patience,
): Patience {
  return {
    withinMs: params.within === undefined ? defaults.withinMs : parseDuration(params.within),
    everyMs: params.every === undefined ? defaults.everyMs : parseDuration(params.every),
    times: params.times ?? defaults.times,
  };
}

/** Gates that look once. */
export const once: Patience = { withinMs: 0, everyMs: 0, times: 1 };
