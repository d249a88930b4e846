/** What the look of `unit-state.ts` printed on Debian 11 (systemd 247), 12 (252) and 13 (257), in containers. */

const lines = (text: string) => text.replaceAll(/^\s+/gm, '');

/** A SysV service on systemd 247: no main process, time stamps in whole seconds. */
export const sysv247 = lines(`MainPID=0
  Result=success
  ControlGroup=/system.slice/slapd.service
  LoadState=loaded
  ActiveState=active
  SubState=running
  StateChangeTimestampMonotonic=2487853525
  ActiveEnterTimestamp=Sun 2026-11-22 02:19:59 UTC
  ActiveEnterTimestampMonotonic=2487853525
  Enabled=enabled
  Processes=788 
`);

export const sysv252 = sysv247
  .replace('02:19:59 UTC', '02:20:08.981145 UTC')
  .replaceAll('2487853525', '2496851904')
  .replace('788', '808');

/** The same a moment after `kill -9` of its only process, in cgroup v1: systemd has not noticed. */
export const sysv252Dead = sysv252.replace('Processes=808 ', 'Processes=');

export const native257 = lines(`MainPID=747
  Result=success
  ControlGroup=/system.slice/slapd.service
  LoadState=loaded
  ActiveState=active
  SubState=running
  StateChangeTimestampMonotonic=2508864563
  ActiveEnterTimestamp=Sun 2026-11-22 02:20:20.993805 UTC
  ActiveEnterTimestampMonotonic=2508864563
  Enabled=enabled
  Processes=747 
`);

export const native257Killed = native257
  .replace('MainPID=747', 'MainPID=0')
  .replace('Result=success', 'Result=signal')
  .replace('ActiveState=active', 'ActiveState=failed')
  .replace('SubState=running', 'SubState=failed')
  .replace('StateChangeTimestampMonotonic=2508864563', 'StateChangeTimestampMonotonic=2535625052')
  .replace('Processes=747 ', 'Processes=');

export const native257Stopped = native257Killed
  .replace('Result=signal', 'Result=success')
  .replaceAll('=failed', '=inactive');

export const missing257 = lines(`MainPID=0
  Result=success
  ControlGroup=
  LoadState=not-found
  ActiveState=inactive
  SubState=dead
  StateChangeTimestampMonotonic=0
  ActiveEnterTimestamp=
  ActiveEnterTimestampMonotonic=0
  Enabled=not-found
`);

export const masked252 = missing257.replaceAll('not-found', 'masked');

export const oneshot257 = lines(`MainPID=0
  Result=success
  ControlGroup=
  LoadState=loaded
  ActiveState=active
  SubState=exited
  StateChangeTimestampMonotonic=1638559683
  ActiveEnterTimestamp=Sun 2026-11-22 02:05:50.688925 UTC
  ActiveEnterTimestampMonotonic=1638559683
  Enabled=static
`);

/** The unit after a restart: another start, another process. */
export const restarted257 = native257
  .replaceAll('2508864563', '2600000000')
  .replace('02:20:20.993805', '02:21:52.129242')
  .replaceAll('747', '901');
