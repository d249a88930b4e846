/** Something the person at the keyboard can put right; the CLI prints the message and exits with `exitCode`. */
export class LabError extends Error {
  readonly exitCode = 1;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LabError';
  }
}
