import type { Severity } from '../health/finding.ts';
import type { Tone } from './paper.ts';

interface Sign {
  readonly sign: string;
  readonly ascii: string;
  readonly tone: Tone;
  readonly one: string;
  readonly many: string;
}

/** How each severity looks, and how many of them are told. */
export const SEVERITY_SIGNS: Readonly<Record<Severity, Sign>> = {
  critical: { sign: '✘', ascii: 'X', tone: 'bad', one: 'critical', many: 'critical' },
  warning: { sign: '⚑', ascii: '!', tone: 'warn', one: 'warning', many: 'warnings' },
  unknown: { sign: '?', ascii: '?', tone: 'warn', one: 'unknown', many: 'unknown' },
  info: { sign: '·', ascii: '-', tone: 'dim', one: 'note', many: 'notes' },
};
