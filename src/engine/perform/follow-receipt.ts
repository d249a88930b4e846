import type { Receipt } from '../../transport/transport.ts';
import type { TaskRef } from '../event.ts';
import type { Stage } from './stage.ts';

export type FinalReceipt = Exclude<Receipt, { kind: 'running' }>;

/** A receipt that is final, secrets replaced: a command still running is followed to its end. */
export async function follow(
  stage: Stage,
  task: TaskRef,
  attempt: number,
  part: number,
  as: string | undefined,
): Promise<FinalReceipt> {
  const connection = stage.connection(task.host);
  const token = stage.token(task, attempt, part);
  for (;;) {
    const receipt = await connection.receipt(token, as);
    if (receipt.kind !== 'running') return stage.clean(receipt);
    const heard = stage.hear(task);
    try {
      const end = await connection.reattach(token, as, heard);
      if (end.kind !== 'running') return stage.clean(end);
    } finally {
      heard.end();
    }
  }
}

/** The receipts of every command that an attempt began, in order. The one after the last is fenced by asking. */
export async function followAll(
  stage: Stage,
  task: TaskRef,
  attempt: number,
  as: string | undefined,
): Promise<readonly Exclude<FinalReceipt, { kind: 'never-started' }>[]> {
  const receipts: Exclude<FinalReceipt, { kind: 'never-started' }>[] = [];
  for (let part = 1; ; part++) {
    const receipt = await follow(stage, task, attempt, part, as);
    if (receipt.kind === 'never-started') return receipts;
    receipts.push(receipt);
  }
}

/** An absent token is a proof only while the boot is the one in which the intent was made. */
export async function sameBoot(stage: Stage, task: TaskRef, bootId: string): Promise<boolean> {
  const now = (await stage.connection(task.host).identity()).bootId;
  return now !== '' && now === bootId;
}
