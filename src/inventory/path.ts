/** Paths as inventories write them; textual, so that this folder stays pure. */

/** `~` is home; a relative path is taken from `base`. `.` and `..` are folded. Both `base` and `home` are absolute. */
export function resolvePath(path: string, base: string, home: string): string {
  const whole =
    path === '~' || path.startsWith('~/')
      ? home + path.slice(1)
      : path.startsWith('/')
        ? path
        : `${base}/${path}`;
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
