import type { PlannedInvariant } from '../../plan/plan.ts';
import { judge, type Said, type Verdict } from '../invariant.ts';
import type { ReadPorts } from '../ports.ts';
import { probeStep, type ReadingStage } from './probe.ts';
import type { Known } from './stage.ts';

/** One look at an invariant on all of its hosts; whatever goes wrong on the way is unknown. Never rejects. */
export async function lookAtInvariant(
  stage: ReadingStage,
  planned: PlannedInvariant,
  known: Known,
): Promise<Verdict> {
  const looks = planned.hosts.map(
    async (host) => [host, await lookAtHost(stage, planned, host, known)] as const,
  );
  return judge(planned.spec.need, Object.fromEntries(await Promise.all(looks)));
}

/** One look at one host, without patience; secrets are replaced in what it says. Never rejects. */
export async function lookAtHost(
  stage: ReadingStage,
  { spec }: PlannedInvariant,
  host: string,
  known: Known,
): Promise<Said> {
  let unrun = false;
  const sure: ReadingStage = {
    ...stage,
    reading: (task) =>
      sureOfNo(stage.reading(task), () => {
        unrun = true;
      }),
  };
  try {
    await stage.meet(host);
    const seen = await probeStep(sure, spec.probe, { id: `${spec.id}@${host}`, host }, known, true);
    if (seen.holds) return { said: 'yes' };
    return { said: seen.unsure || unrun ? 'unknown' : 'no', because: stage.redact(seen.lacking) };
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    return { said: 'unknown', because: stage.redact(because) };
  }
}

/** What a POSIX shell exits with for a command that it cannot run, or cannot find (XCU 2.8.2). */
const UNRUN = [126, 127];

/** Reading ports whose no is the answer of a host that can be asked, and of a command that could be run. */
function sureOfNo(ports: ReadPorts, unrun: () => void): ReadPorts {
  return {
    ...ports,
    async probe(command) {
      const result = await ports.probe(command);
      if (result.exit.kind === 'exited' && UNRUN.includes(result.exit.code)) unrun();
      return result;
    },
    async reaches(address, port) {
      const word = await ports.reaches(address, port);
      if (word === true) return word;
      // It fails alike when the host itself is away; then this rejects. A link may also just have come back: asked again.
      await ports.probe({ argv: ['true'] });
      return ports.reaches(address, port);
    },
    on: (host) => sureOfNo(ports.on(host), unrun),
  };
}
