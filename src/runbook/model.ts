/** A runbook as the rest of the program sees it: parsed, checked, its parts folded in. Plain data. */
import type { QuestionClass } from '../engine/action.ts';
import type { Value } from '../engine/value.ts';

/** A value that may hold `${{ … }}` anywhere inside; `resolve` in `runbook/expression.ts` evaluates it. */
export type Templated = Value;

export interface Runbook {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly about: string;
  /** Platform → version range, e.g. { openldap: ">=2.4" }. */
  readonly needs: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly secrets: Readonly<Record<string, SecretSpec>>;
  readonly invariants: readonly InvariantSpec[];
  readonly steps: readonly Step[];
}

export type InputType = 'host' | 'hosts' | 'string' | 'int' | 'bool' | 'dn' | 'duration' | 'list';

export interface InputSpec {
  readonly type: InputType;
  readonly about: string;
  readonly default?: Templated;
  readonly oneOf?: readonly string[];
}

export interface SecretSpec {
  /** Tried in order: `env:NAME`, `file:PATH`, `ask:Prompt`, `command:PROGRAM ARGS`, `inventory:NAME`, `host:…`, `localconfig:KEY`, `generate:32`. */
  readonly from: readonly string[];
  /** One host, whose `host:` or `localconfig:` is meant; that of each task when absent. */
  readonly on?: Templated;
  readonly about: string;
}

export interface InvariantSpec {
  readonly id: string;
  readonly title: string;
  readonly on: Templated;
  readonly need: 'all' | 'any';
  /** Looked at once each time; its own patience means nothing here. */
  readonly probe: ProbeSpec;
  /** Between two looks while nothing asks for one, in ms. */
  readonly everyMs: number;
  /** How long it may be broken, or not be told, before that counts, in ms. */
  readonly graceMs: number;
  /** Where it stands: for messages. */
  readonly source: Step['source'];
}

/** One action key and its parameters, as written. */
export interface ActionCall {
  readonly action: string;
  readonly params: Templated;
}

/** A probe inside a step: any gate or `command`, with what to expect of it. */
export interface ProbeSpec {
  readonly call: ActionCall;
  /** Bool expression over `result`; default: the gate holds, or the command exits 0. */
  readonly until?: string;
  /** false: it can say yes but not no. Default true. */
  readonly conclusive: boolean;
  readonly withinMs?: number;
  readonly everyMs?: number;
  /** Holds this many times in a row. Default 1. */
  readonly times?: number;
}

export type Order = 'parallel' | 'serial' | 'canary' | { readonly batch: number };

export interface Step {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly on: Templated;
  readonly mayBeEmpty: boolean;
  /** Run on one host of the selection only: the first. */
  readonly once: boolean;
  readonly order: Order;
  readonly when?: string;
  readonly forEach?: Templated;
  readonly call: ActionCall;
  /** Gates only: a bool expression over `result` that must hold too. */
  readonly until?: string;
  readonly check?: ProbeSpec;
  readonly verify?: ProbeSpec;
  /** `nothing`: what the act made may stay, such as a back-up. */
  readonly undo?: ActionCall | 'nothing';
  readonly risk: 'read' | 'change' | 'disrupt' | 'irreversible';
  readonly repeat: 'safe' | 'costly' | 'once';
  readonly onDoubt?: 'ask';
  /** Where its effect may be seen: `nothing`, `host`, `service`, `config`, `data`, or a path. For plans. */
  readonly touches?: readonly Templated[];
  /** Meant for the moment only: later steps may undo it, and a resume does not take that for a regression. */
  readonly lasts?: false;
  readonly confirm?: { readonly class: QuestionClass; readonly text: Templated; readonly typed?: Templated };
  /** Name → expression over `result` (and everything else in scope). */
  readonly capture: Readonly<Record<string, Templated>>;
  readonly retry?: { readonly times: number; readonly delayMs: number; readonly backoff: number };
  readonly timeoutMs?: number;
  /** The author's estimate of one task, its verification included. */
  readonly takesMs?: number;
  readonly onFailure: 'hold' | 'continue' | 'undo';
  readonly tolerate: number;
  /** Shown when it fails: what to look at first. */
  readonly hint?: Templated;
  readonly exposes?: 'argv';
  /** Where it stands: for messages. */
  readonly source: { readonly file: string; readonly line: number; readonly column: number };
}

/** One thing wrong with a document, with its place and its cure. Lines and columns count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `steps[3].ldap.agreement.rid` */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
  readonly severity: 'error' | 'warning';
}
