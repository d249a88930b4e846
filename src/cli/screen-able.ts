/** A person at a terminal that can show more than lines, and who has not asked for lines: `--plain`, or LOCKSTEP_SCREEN=off. */
export function canShow(options: { readonly plain?: boolean | undefined }): boolean {
  if (options.plain || process.env['TERM'] === 'dumb' || process.env['LOCKSTEP_SCREEN'] === 'off')
    return false;
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}
