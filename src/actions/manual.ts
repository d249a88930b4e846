import { z } from 'zod';
import type { AskAction } from '../engine/action.ts';
import { EVERYWHERE } from '../engine/place.ts';

const params = z.strictObject({
  instructions: z.string().min(1).describe('What a person has to do, step by step.'),
  // `typed` is left out: what would be typed belongs to a `confirm`.
  class: z
    .enum(['notice', 'confirm', 'two-person'])
    .default('confirm')
    .describe('How it is said that the work is done.'),
});

export const manual: AskAction<z.input<typeof params>> = {
  kind: 'ask',
  name: 'manual',
  about:
    'Gives a person work to do by hand and waits until it is said to be done; `verify` of the step checks it.',
  params,
  // What a person does by hand may be seen anywhere.
  touches: () => [EVERYWHERE],
  question: ({ instructions, class: wanted }) => ({ class: wanted ?? 'confirm', text: instructions }),
};
