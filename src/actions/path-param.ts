import { openText } from './text-param.ts';

/** An absolute path without a slash at its end; a shell snippet may take its parent with `${p%/*}`. */
export const pathParam = openText.regex(/^(?:\/[^/\n\0]+)+$/, {
  error: 'must be an absolute path such as /etc/ldap/ldap.conf, with no // and no / at its end',
});
