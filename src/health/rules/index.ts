/** Every rule; a code has one. Within a severity, findings come in this order. */
import { accesslogRules } from './accesslog.ts';
import { agreementRules } from './agreements.ts';
import { alikeRules } from './alike.ts';
import { canaryRules } from './canary.ts';
import { clockRules } from './clocks.ts';
import { contentRules } from './content.ts';
import { convergenceRules } from './convergence.ts';
import { databaseRules } from './database.ts';
import { limitRules } from './limits.ts';
import { linkRules } from './links.ts';
import { localconfigPasswordRules } from './localconfig-passwords.ts';
import { localconfigUrlRules } from './localconfig-urls.ts';
import { logRules } from './log.ts';
import { productLayoutRules } from './product-layout.ts';
import { productNodeRules } from './product-nodes.ts';
import { reachRules } from './reach.ts';
import { restartRules } from './restarts.ts';
import type { Rule } from './rule.ts';
import { seenSidRules } from './seen-sids.ts';
import { serverIdRules } from './server-ids.ts';
import { storageRules } from './storage.ts';
import { syncprovRules } from './syncprov.ts';
import { tlsRules } from './tls.ts';
import { topologyRules } from './topology.ts';
import { trialRules } from './trials.ts';

interface Theme {
  /** A chapter of docs/doctor.md. */
  readonly title: string;
  readonly rules: readonly Rule[];
}

export const THEMES: readonly Theme[] = [
  { title: 'Hosts and servers', rules: reachRules },
  { title: 'Server IDs', rules: serverIdRules },
  { title: 'Who pulls from whom', rules: topologyRules },
  { title: 'Agreements, tried', rules: trialRules },
  { title: 'Agreements, as they fare', rules: linkRules },
  { title: 'Changes and entries', rules: [...convergenceRules, ...contentRules, ...canaryRules] },
  { title: 'Clocks', rules: clockRules },
  { title: 'Room', rules: storageRules },
  { title: 'Databases', rules: databaseRules },
  { title: 'Serving changes', rules: [...syncprovRules, ...limitRules] },
  { title: 'Replication by the accesslog', rules: accesslogRules },
  { title: 'Agreements, as they are written', rules: agreementRules },
  { title: 'TLS', rules: tlsRules },
  { title: 'What must be alike', rules: alikeRules },
  { title: 'Zimbra and Carbonio: nodes', rules: [...productNodeRules, ...productLayoutRules] },
  { title: 'Zimbra and Carbonio: ldap_url and ldap_master_url', rules: localconfigUrlRules },
  { title: 'Zimbra and Carbonio: passwords', rules: localconfigPasswordRules },
  { title: 'What slapd wrote', rules: logRules },
  { title: 'Restarts', rules: restartRules },
  { title: 'Server IDs of the past', rules: seenSidRules },
];

export const RULES: readonly Rule[] = THEMES.flatMap(({ rules }) => rules);
