import { RULES } from '../health/rules/index.ts';
import { verdictOf } from '../health/verdict.ts';
import { doctorText } from '../reporters/doctor-text.ts';
import { healthJson } from '../reporters/health-json.ts';
import { didYouMean } from '../runbook/suggestion.ts';
import type { DoctorOptions } from './doctor.ts';
import { EXIT, Stop } from './exit-code.ts';
import { type Looked, openLookout } from './health-look.ts';
import { paperFor } from './health-paper.ts';
import { interrupted, onInterrupt } from './interrupt.ts';
import { lookProgress } from './look-progress.ts';

/** Resolves to the exit code, as Nagios has them; with `--only`, of these findings alone. */
export async function tellDoctor(options: DoctorOptions): Promise<number> {
  const only = codesOf(options.only);
  const lookout = await openLookout(options);
  const progress = lookProgress();
  const interrupt = onInterrupt(() => lookout.letGo());
  try {
    const { site, findings: all } = await lookout.look(progress.tell);
    if (interrupt.is()) throw interrupted();
    progress.stop();
    const findings = all.filter(({ code }) => only === undefined || only.includes(code));
    const text = options.json ? jsonOf({ site, findings }) : doctorText(findings, paperFor());
    process.stdout.write(lookout.redactor.text(text));
    return verdictOf(findings).code;
  } finally {
    interrupt.stop();
    progress.stop();
    await lookout.close();
  }
}

/** Throws Stop for a code that no rule has, before anything is contacted. */
function codesOf(only: readonly string[] | undefined): readonly string[] | undefined {
  const codes = only?.flatMap((word) => word.split(',')).filter((code) => code !== '');
  const known = RULES.map(({ code }) => code);
  const odd = codes?.find((code) => !known.includes(code));
  if (odd === undefined) return codes;
  throw new Stop(
    EXIT.usage,
    `--only ${odd}: no finding has that code`,
    didYouMean(odd, known, 'docs/doctor.md lists them'),
  );
}

function jsonOf({ site, findings }: Looked): string {
  const { suffix, at, verdict, findings: told } = healthJson(site, findings);
  return `${JSON.stringify({ format: 'lockstep-doctor/1', suffix, at, verdict, findings: told }, null, 2)}\n`;
}
