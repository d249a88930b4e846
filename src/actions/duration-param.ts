import { z } from 'zod';
import { durationPattern } from '../engine/duration.ts';

/** A duration as runbooks write it; `parseDuration` gives its milliseconds. */
export const durationParam = z
  .string()
  .regex(durationPattern, { error: 'must be a duration such as 500ms, 30s, 10m or 1h30m' });
