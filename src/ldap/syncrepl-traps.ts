/** Values of olcSyncrepl that slapd takes, and by which it does not replicate, or not for long. Seen on 2.5.13. */
import { reveal, type Text } from '../secrets/secret.ts';
import { nameOf } from './agreement.ts';
import { withoutIndex } from './config-names.ts';
import type { Trap } from './config-traps.ts';
import { parseSyncrepl, plainWordOf, retriesForEver, type Syncrepl, wordOf } from './syncrepl.ts';

/** Words with or without a value; a value, or a word, may stand in quotes as a whole. */
const WELL_QUOTED = /^\s*(?:(?:"[^"]*"|[^\s"=]+(?:=(?:"[^"]*"|[^\s"]*))?)(?:\s+|$))+$/;

interface Rule {
  readonly fact: string;
  readonly next: string;
  is(agreement: Syncrepl): boolean;
}

const RULES: readonly Rule[] = [
  {
    fact: 'has a \\ in its credentials: slapd 2.4 reads another password than 2.5 does',
    next: 'Choose a password without one.',
    is: (agreement) => reveal(wordOf(agreement, 'credentials') ?? '').includes('\\'),
  },
  {
    fact: 'has a retry list that ends: after its last try slapd gives up until it is restarted',
    next: 'End it with +, e.g. retry="5 12 30 +".',
    is: (agreement) => {
      const retry = plainWordOf(agreement, 'retry');
      return retry !== undefined && !retriesForEver(retry);
    },
  },
  {
    fact: 'has a binddn without credentials, or the reverse: its provider lets it in as nobody, and it stays empty',
    next: 'Give both, or another bindmethod.',
    is: (agreement) =>
      plainWordOf(agreement, 'bindmethod')?.toLowerCase() === 'simple' &&
      (wordOf(agreement, 'binddn') === undefined) !== (wordOf(agreement, 'credentials') === undefined),
  },
  {
    fact: 'has syncdata=accesslog without a logbase: it begins anew at each try, and never comes to Persist',
    next: 'Give the suffix of the accesslog as logbase.',
    is: (agreement) =>
      plainWordOf(agreement, 'syncdata')?.toLowerCase() === 'accesslog' &&
      wordOf(agreement, 'logbase') === undefined,
  },
];

/** Why slapd would not replicate by this value; undefined when nothing is known against it. Shows no word that may be secret. */
export function syncreplTrap(text: Text): Trap | undefined {
  if (!WELL_QUOTED.test(withoutIndex(reveal(text)))) {
    return {
      fact: 'an olcSyncrepl has a " inside a word: slapd takes it, and reads another password, or other words, than were written',
      next: 'Quote whole values only, and choose a password without ".',
    };
  }
  const agreement = parseSyncrepl(text);
  const rule = RULES.find(({ is }) => is(agreement));
  return rule && { fact: `the agreement ${nameOf(agreement)} ${rule.fact}`, next: rule.next };
}
