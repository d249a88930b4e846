/** The shape of a native inventory, `format: lockstep-inventory/1`; `lockstep schema` makes JSON Schema of it. */
import { z } from 'zod';

export const REFERENCE = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|ask:.*|command:.+)$/s;

const reference = z
  .string()
  .regex(
    REFERENCE,
    'must be a reference: env:NAME, file:PATH, ask:Prompt or command:PROGRAM ARGS; never the secret itself',
  )
  .meta({
    description: 'Where the secret comes from: env:NAME, file:PATH, ask:Prompt or command:PROGRAM ARGS',
  });

const become = z.union([
  z.literal(false),
  z.strictObject({
    method: z.enum(['sudo', 'su']).optional().meta({ description: 'Default sudo' }),
    user: z.string().min(1).optional().meta({ description: 'Default root' }),
    password: reference.optional(),
  }),
]);

const accessFields = {
  port: z.int().min(1).max(65535).optional(),
  user: z.string().min(1).optional(),
  transport: z.enum(['ssh2', 'local']).optional(),
  identity: z.string().min(1).optional().meta({ description: 'Private key, relative to this file' }),
  'known-hosts': z.string().min(1).optional().meta({ description: 'Relative to this file' }),
  jump: z
    .array(z.string().min(1))
    .optional()
    .meta({ description: 'Hosts of this inventory or user@host:port, outermost first' }),
  password: reference.optional(),
  passphrase: reference.optional(),
  become: become.optional(),
  receipts: z.string().startsWith('/').optional().meta({ description: 'Directory for receipts on the host' }),
};

const access = z.strictObject(accessFields);
const vars = z.record(z.string(), z.json());

export const nativeInventory = z.strictObject({
  format: z.literal('lockstep-inventory/1'),
  vars: vars.optional(),
  access: access.optional(),
  groups: z
    .record(
      z.string(),
      z.strictObject({
        hosts: z.array(z.string().min(1)).optional(),
        children: z.array(z.string().min(1)).optional(),
        vars: vars.optional(),
        access: access.optional(),
      }),
    )
    .optional(),
  hosts: z
    .record(
      z.string(),
      z
        .strictObject({
          address: z
            .string()
            .min(1)
            .optional()
            .meta({ description: 'What peers use to reach it; default: its name' }),
          connect: z
            .string()
            .min(1)
            .optional()
            .meta({ description: 'What the controller dials; default: address' }),
          platform: z.string().min(1).optional(),
          vars: vars.optional(),
          ...accessFields,
        })
        .nullable(),
    )
    .optional(),
});

export type NativeInventory = z.infer<typeof nativeInventory>;
export type NativeAccess = z.infer<typeof access>;
