/** A person at a terminal that can show more than lines, and who has not asked for plain ones. */
export function canShow(options: { readonly plain?: boolean | undefined }): boolean {
  if (options.plain || process.env['TERM'] === 'dumb') return false;
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}
