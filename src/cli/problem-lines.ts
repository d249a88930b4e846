import type { Problem } from '../runbook/model.ts';

/** `file:line:col  path: message`, and the cure below it. */
export function problemLines(problems: readonly Problem[]): string {
  return problems
    .map(({ file, line, column, path, message, hint, severity }) => {
      const what = `${severity === 'warning' ? 'warning: ' : ''}${path === '' ? '' : `${path}: `}${message}`;
      return `${file}:${line}:${column}  ${what}\n    ${hint}\n`;
    })
    .join('');
}
