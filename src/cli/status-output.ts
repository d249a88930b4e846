import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { nagiosLine } from '../health/verdict.ts';
import { healthJson } from '../reporters/health-json.ts';
import { healthPrometheus } from '../reporters/health-prometheus.ts';
import { healthSvg } from '../reporters/health-svg.ts';
import { healthText } from '../reporters/health-text.ts';
import { tame } from '../reporters/style.ts';
import { EXIT, Stop } from './exit-code.ts';
import type { Looked } from './health-look.ts';
import { paperFor } from './health-paper.ts';
import { messageOf } from './message-of.ts';
import type { StatusOptions } from './status.ts';
import { writeWhole } from './write-whole.ts';

export interface StatusOutput {
  /** What goes to stdout is for a program. */
  readonly isForMachines: boolean;
  /** What goes to stdout. */
  text(looked: Looked): string;
  /** Files that are written beside it. Throws Stop. */
  writeFiles(looked: Looked): void;
}

/** Throws Stop, before anything is contacted, where two forms want stdout or a file cannot be written. */
export function statusOutput(options: StatusOptions): StatusOutput {
  const { json, nagios, prometheus, svg, watch } = options;
  const forms = [
    json && ('--json' as const),
    nagios && ('--nagios' as const),
    prometheus === true && ('--prometheus' as const),
  ].filter((form) => form !== undefined && form !== false);
  if (forms.length > 1)
    throw new Stop(
      EXIT.usage,
      `${forms.join(' and ')} want stdout`,
      'ask for one of them, or give --prometheus a file',
    );
  const files = [
    {
      option: '--prometheus',
      path: typeof prometheus === 'string' ? prometheus : undefined,
      form: healthPrometheus,
    },
    { option: '--svg', path: svg, form: healthSvg },
  ];
  for (const { option, path } of files) if (path !== undefined) mustBeWritable(option, path);
  const [form] = forms;
  return {
    isForMachines: form !== undefined,
    text({ site, findings }) {
      if (form === '--json')
        return `${JSON.stringify(healthJson(site, findings), null, watch === undefined ? 2 : 0)}\n`;
      if (form === '--nagios') return `${nagiosLine(site, findings)}\n`;
      if (form === '--prometheus') return healthPrometheus(site, findings);
      return healthText(site, findings, paperFor());
    },
    writeFiles({ site, findings }) {
      for (const { option, path, form: made } of files)
        if (path !== undefined) write(option, path, made(site, findings));
    },
  };
}

function mustBeWritable(option: string, path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw refusal(option, path, error);
  }
}

function write(option: string, path: string, text: string): void {
  try {
    writeWhole(path, text);
  } catch (error) {
    throw refusal(option, path, error);
  }
}

function refusal(option: string, path: string, error: unknown): Stop {
  return new Stop(
    EXIT.usage,
    `${option} ${tame(path)}: it cannot be written: ${messageOf(error)}`,
    'name a file in a folder that is there and may be written to',
  );
}
