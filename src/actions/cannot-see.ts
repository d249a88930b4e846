import { ActionError } from './action-error.ts';

/** For a look that ended with `sees` being false: absent and hidden are not the same. */
export function cannotSee(path: string, as: string | undefined): ActionError {
  return new ActionError(
    `${path}: cannot tell whether it is there, ${as ?? 'the login user'} may not search a folder above it`,
    { next: 'Set `as` to a user who may, such as root.' },
  );
}
