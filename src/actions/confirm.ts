import { z } from 'zod';
import type { AskAction } from '../engine/action.ts';

/** Ordered from the mildest; the answer is no unless somebody says yes. */
export const questionClass = z.enum(['notice', 'confirm', 'typed', 'two-person']);

const params = z
  .strictObject({
    text: z.string().min(1).describe('The question, or for a notice the statement.'),
    class: questionClass
      .default('confirm')
      .describe(
        '`notice` is only read, `confirm` wants a yes, `typed` wants `typed` to be typed, `two-person` wants two people.',
      ),
    typed: z
      .string()
      .min(1)
      .optional()
      .describe('What has to be typed, e.g. the name of the host; only for `typed`.'),
  })
  .refine((params) => (params.class === 'typed') === (params.typed !== undefined), {
    error: 'belongs to class "typed", and that class needs it',
    path: ['typed'],
  });

export const confirm: AskAction<z.input<typeof params>> = {
  kind: 'ask',
  name: 'confirm',
  about:
    'Asks a person before going on. Without a terminal and without a policy that answers it, the run is held.',
  params,
  question: (params) => ({
    class: params.class ?? 'confirm',
    text: params.text,
    ...(params.typed === undefined ? {} : { typed: params.typed }),
  }),
};
