import type { Policy } from '../engine/event.ts';

/** `, window 2026-11-27 01:00 to 2026-11-27 03:00 +01:00`, for the line that opens a run; '' without one. */
export function windowText({ window, until }: Policy): string {
  const open = window ? `, window ${moment(window.opens)} to ${moment(window.closes)}` : '';
  return until === undefined ? open : `${open}, nothing new after ${moment(until)}`;
}

/** ISO 8601 without its T, and without seconds that are none. */
function moment(iso: string): string {
  return iso.replace('T', ' ').replace(/(\d\d:\d\d)(?::00)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/, '$1 $2');
}
