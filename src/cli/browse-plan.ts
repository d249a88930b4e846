import type { PlanDocument } from '../plan/document.ts';
import { planTotals } from '../reporters/plan-text.ts';
import { styleFor } from '../reporters/style.ts';
import { openPlan, type PlanLook, planView, pressPlan } from '../tui/view/plan.ts';
import { browse } from './browse.ts';

/** The plan on the screen, until the person leaves; its totals stay in the scrollback. */
export async function browsePlan(document: PlanDocument): Promise<void> {
  const style = styleFor(process.env, true);
  await browse<PlanLook, 'left'>(
    openPlan(document),
    (look, size) => planView(document, look, size, style.unicode),
    (look, key) => {
      const led = pressPlan(document, look, key);
      return led.leave ? { chosen: 'left' } : { look: led.look };
    },
  );
  process.stdout.write(planTotals(document, style));
}
