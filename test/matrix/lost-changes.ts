/** A run that holds since a replica has lost changes is helped as it asks for: the replica is loaded, then the run goes on. */
import { expect } from 'vitest';
import { eventsOf, outcomes } from '../lab/lockstep.ts';
import { type CarriedOut, type Lockstep, RESUME } from './carry-out.ts';
import type { Stage } from './stages.ts';
import type { World } from './world.ts';

/** Where runbooks of Zimbra compare replicas. */
const HOLD = /(?:^|\.)(?:still|followers)\.hold@(.+)$/;

/** `run`: which it was. `loaded`: the replicas whose changes slapd had lost. */
export async function loadWhoLostChanges(
  world: World,
  { runbook, masters }: Pick<Stage, 'runbook' | 'masters'>,
  lockstep: Lockstep,
  env: Readonly<Record<string, string>>,
  carried: CarriedOut,
): Promise<CarriedOut & { readonly run: string; readonly loaded: readonly string[] }> {
  const failed = Object.entries(outcomes(carried.end.stdout)).filter(([, outcome]) => outcome === 'failed');
  const loaded = failed.flatMap(([task]) => HOLD.exec(task)?.[1] ?? []);
  if (loaded.length === 0 || loaded.length < failed.length) return { ...carried, run: 'last', loaded: [] };
  const journal = await lockstep.run(['show', 'last', '--ndjson'], { env });
  const run = eventsOf(journal.stdout).find((event) => event.type === 'run.opened')?.run ?? 'last';
  for (const bad of loaded) {
    const inputs = [`good=${masters[0]}`, `bad=${bad}`, 'lossy=true'].flatMap((one) => ['--set', one]);
    const reload = `${runbook.split('/')[0]}/reload`;
    const words = ['run', reload, '-i', world.inventory(), ...inputs, '--yes=typed'];
    const { code, stdout } = await lockstep.run(words, { env });
    expect(code, `${reload} of ${bad}\n${stdout.slice(-3000)}`).toBe(0);
  }
  const words = RESUME.map((word) => (word === 'last' ? run : word));
  return { ...carried, run, end: await lockstep.run(words, { env }), loaded };
}
