import { mentions } from './cel.ts';
import type { ActionCall, Problem, Step, Templated } from './model.ts';
import { pieces } from './template.ts';

export const exposed = {
  message: 'a secret travels in argv, where everyone on the host can read it',
  hint: 'pass it by stdin or env; if the tool leaves no other way, add exposes: argv to the step',
};

/** Secrets that a part's input carries into an argument list: seen only once parts are folded in. */
export function lintSecrets(steps: readonly Step[]): Problem[] {
  return steps.flatMap((step) => {
    if (step.exposes === 'argv') return [];
    const calls: readonly (readonly [string, ActionCall | undefined])[] = [
      ['', step.call],
      ['check.', step.check?.call],
      ['verify.', step.verify?.call],
      ['undo.', step.undo === 'nothing' ? undefined : step.undo],
    ];
    return calls.flatMap(([where, call]) =>
      call && exposes(call) ? [problem(step, `${where}${call.action}.argv`)] : [],
    );
  });
}

function exposes({ params }: ActionCall): boolean {
  const argv = typeof params === 'object' && params !== null && 'argv' in params ? params.argv : undefined;
  return argv !== undefined && holdsSecret(argv as Templated);
}

function holdsSecret(value: Templated): boolean {
  if (typeof value === 'string') {
    return pieces(value).some((piece) => piece.kind === 'expression' && mentions(piece.text, 'secrets'));
  }
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).some((item) => holdsSecret(item as Templated))
  );
}

function problem(step: Step, path: string): Problem {
  return {
    ...step.source,
    path: `${step.id}.${path}`,
    ...exposed,
    severity: 'error',
  };
}
