import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import { once } from './patience-fields.ts';

const params = z.strictObject({
  that: z
    .array(
      z.strictObject({
        so: z.boolean().describe('What must be true: `${{ … }}`.'),
        else: z.string().min(1).describe('What to say when it is not.'),
        next: z.string().min(1).optional().describe('What to do then.'),
      }),
    )
    .min(1)
    .describe('Every one of these must hold.'),
});

export const assert: GateAction<z.input<typeof params>, null> = {
  kind: 'gate',
  name: 'assert',
  about: 'Stops unless every statement is true, and names all that are not. Looks at no host by itself.',
  params,
  reads: () => [],
  patience: once,
  read: async () => null,
  lacking: ({ that }) => {
    const failing = that.filter((statement) => !statement.so);
    if (failing.length === 0) return undefined;
    return failing
      .map((statement) =>
        statement.next === undefined ? statement.else : `${statement.else} (${statement.next})`,
      )
      .join('; ');
  },
  result: () => ({}),
};
