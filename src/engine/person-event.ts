/** What a person does to a run beside answering its questions. */
export type PersonEvent =
  /** A person passes over a task that has failed, in a run that is held: the step goes on without it. */
  | {
      readonly type: 'task.skipped';
      readonly task: string;
      readonly attempt: number;
      readonly by: string;
      readonly because: string;
    }
  /** An operator's hold was taken back before it had led to `run.held`. */
  | { readonly type: 'run.going-on'; readonly by: string }
  /** A person's words, for the record; nothing follows from them. */
  | { readonly type: 'run.noted'; readonly text: string; readonly by: string };
