import { z } from 'zod';
import { Secret, type Text } from '../secrets/secret.ts';

const secret = z.custom<Secret>((value) => value instanceof Secret, 'expected a text or a secret');
// A secret comes from an expression, so to an editor it is a text like any other.
secret._zod.toJSONSchema = () => ({ type: 'string' });

/** A text that may be a secret, e.g. `${{ secrets.replicator }}`. */
export const textParam: z.ZodType<Text, Text> = z.union([z.string(), secret]);

/** A text that must not be a secret, since it would be seen: an argument, a path. */
export const openText = z.string({
  error: ({ input }) =>
    input instanceof Secret
      ? `would show the secret ${input.name} on a command line or a screen; pass it by stdin or env`
      : undefined,
});
