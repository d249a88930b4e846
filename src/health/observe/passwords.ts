import { type Asked, ask } from './ask.ts';
import { SLAPD_PATH } from './slapd-path.ts';

/** `yes` at the first entry but that one which has a password; nothing of any is printed. */
const SCRIPT = `${SLAPD_PATH}
timeout 10 slapcat -F "$LOCKSTEP_CONF" -b "$LOCKSTEP_SUFFIX" -a '(userPassword=*)' -o ldif-wrap=no 2>/dev/null |
  awk 'tolower($0) == tolower("dn: " ENVIRON["LOCKSTEP_SELF"]) { next } /^dn:/ { print "yes"; exit }'
exit 0
`;

/** Does any entry have a password, whoever may read it? As slapcat sees it, past all access rules. */
export async function holdsPasswords(
  ports: Asked,
  conf: string,
  suffix: string,
  self: string | undefined,
): Promise<boolean> {
  const env = { LOCKSTEP_CONF: conf, LOCKSTEP_SUFFIX: suffix, LOCKSTEP_SELF: self ?? '' };
  return (await ask(ports, 'looking for passwords', { script: SCRIPT, env })).trim() === 'yes';
}
