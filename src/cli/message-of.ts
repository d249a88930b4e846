/** What was thrown, as a sentence may quote it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
