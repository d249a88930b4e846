import type { z } from 'zod';
import type { Path } from './position.ts';

/** The parts of a zod definition that are walked here. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly in?: z.ZodType;
}

/** The keys that a schema knows at a path: for "did you mean". */
export function knownKeys(schema: z.ZodType, path: Path): string[] {
  const def = schema._zod.def as unknown as Definition;
  if (def.options) return def.options.flatMap((option) => knownKeys(option, path));
  const inner = def.innerType ?? def.in;
  if (inner) return knownKeys(inner, path);
  const [step, ...rest] = path;
  if (step === undefined) return def.shape ? Object.keys(def.shape) : [];
  const next = def.shape ? def.shape[String(step)] : (def.element ?? def.valueType);
  return next ? knownKeys(next, rest) : [];
}
