import { type PlanDocument, tallyOf } from '../plan/document.ts';
import { planMarkdown } from '../reporters/plan-markdown.ts';
import { planText } from '../reporters/plan-text.ts';
import { styleFor } from '../reporters/style.ts';
import { EXIT, Stop } from './exit-code.ts';
import { loadPapers } from './papers.ts';
import type { PlanOptions } from './plan.ts';
import { makeDocument } from './plan-document.ts';
import { prepare } from './prepare.ts';
import { canShow } from './screen-able.ts';
import { mayWrite, writeSealed } from './seal.ts';
import { openTerminal } from './terminal.ts';

/** Load, look, tell; nothing is written but the file that is asked for. */
export async function tellPlan(name: string, options: PlanOptions): Promise<number> {
  if (options.json && options.markdown)
    throw new Stop(EXIT.usage, '--json and --markdown both want stdout', 'ask for one of them');
  if (options.out !== undefined) mayWrite(options.out);
  const papers = await loadPapers(name, options);
  const terminal = openTerminal(process.stdin, process.stdout);
  const prepared = await prepare(papers.plan, terminal);
  try {
    const document = await makeDocument(papers, prepared, terminal, options.offline === true);
    if (!options.json && !options.markdown && canShow(options)) await walkPlan(document);
    else process.stdout.write(shown(document, options));
    if (options.out !== undefined) {
      writeSealed(options.out, document);
      process.stderr.write(`sealed: ${options.out}\n  digest ${document.digest}\n`);
    }
    return isSound(document) ? EXIT.done : EXIT.failed;
  } finally {
    await prepared.reach.close();
  }
}

function shown(document: PlanDocument, { json, markdown }: PlanOptions): string {
  if (json) return `${JSON.stringify(document, null, 2)}\n`;
  if (markdown) return planMarkdown(document);
  return planText(document, styleFor(process.env, process.stdout.isTTY === true));
}

/** Nothing would fail as far as anybody can see. */
function isSound(document: PlanDocument): boolean {
  const { failing, unreachable } = tallyOf(document);
  const broken = document.invariants.some(({ says }) => says === 'broken');
  return failing.length === 0 && Object.keys(unreachable).length === 0 && !broken;
}

async function walkPlan(document: PlanDocument): Promise<void> {
  const { browsePlan } = await import('./browse-plan.ts');
  await browsePlan(document);
}
