/** Hosts of the run as parameters: `${{ inputs.pool }}`. */
import { z } from 'zod';

/** A host as expressions yield it; only its name is needed to find its ports. */
export const hostParam: z.ZodType<{ readonly name: string }> = z.looseObject({
  name: z.string().describe('Name of the host in the inventory'),
});

export const hostsParam = z.array(hostParam).min(1);
