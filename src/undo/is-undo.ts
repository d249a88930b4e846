/** Whether this is the name of a runbook that was composed to take back one run. */
export function isUndo(runbookName: string): boolean {
  return runbookName.startsWith('undo/');
}
