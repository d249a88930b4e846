/** Times as the screen shows them. */

/** `00:12:41`; hours go on past 24. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
}

/** `02:11:09`, so many minutes east of UTC. */
export function timeOfDay(at: number, zone: number): string {
  const date = new Date(at + zone * 60_000);
  if (Number.isNaN(date.getTime())) return '--:--:--';
  return [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
}

/** `03:00`. */
export function hourOf(at: number, zone: number): string {
  return timeOfDay(at, zone).slice(0, 5);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
