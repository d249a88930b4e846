import type { ActionTable } from '../engine/action.ts';
import { assert } from './assert.ts';
import { command } from './command.ts';
import { confirm } from './confirm.ts';
import { copy } from './copy.ts';
import { daemon } from './daemon.ts';
import { file } from './file.ts';
import { fileRestore } from './file-restore.ts';
import { ldapAgreement } from './ldap-agreement.ts';
import { ldapCanary } from './ldap-canary.ts';
import { ldapCompare } from './ldap-compare.ts';
import { ldapConfigAge } from './ldap-config-age.ts';
import { ldapDatabase } from './ldap-database.ts';
import { ldapDeleted } from './ldap-deleted.ts';
import { ldapEntry } from './ldap-entry.ts';
import { ldapFirstLog } from './ldap-first-log.ts';
import { ldapModify } from './ldap-modify.ts';
import { ldapModule } from './ldap-module.ts';
import { ldapOverlay } from './ldap-overlay.ts';
import { ldapRead } from './ldap-read.ts';
import { ldapRestore } from './ldap-restore.ts';
import { ldapSchemaDigest } from './ldap-schema-digest.ts';
import { ldapServerId } from './ldap-server-id.ts';
import { localconfig } from './localconfig.ts';
import { manual } from './manual.ts';
import { packageAction } from './package.ts';
import { readCertificate } from './read-certificate.ts';
import { readClock } from './read-clock.ts';
import { readCommand } from './read-command.ts';
import { readLocalconfigAction } from './read-localconfig.ts';
import { service } from './service.ts';
import { waitCommand } from './wait-command.ts';
import { waitConverged } from './wait-converged.ts';
import { waitDrained } from './wait-drained.ts';
import { waitPort } from './wait-port.ts';
import { waitQuiet } from './wait-quiet.ts';
import { zimbraAgreements } from './zimbra-agreements.ts';
import { zimbraRootPassword } from './zimbra-root-password.ts';

/** Every action a runbook can name, by its key in YAML. */
export const actions: ActionTable = {
  assert,
  command,
  confirm,
  copy,
  daemon,
  file,
  'file.restore': fileRestore,
  'ldap.agreement': ldapAgreement,
  'ldap.canary': ldapCanary,
  'ldap.compare': ldapCompare,
  'ldap.config-age': ldapConfigAge,
  'ldap.database': ldapDatabase,
  'ldap.deleted': ldapDeleted,
  'ldap.entry': ldapEntry,
  'ldap.first-log': ldapFirstLog,
  'ldap.modify': ldapModify,
  'ldap.module': ldapModule,
  'ldap.overlay': ldapOverlay,
  'ldap.read': ldapRead,
  'ldap.restore': ldapRestore,
  'ldap.schema-digest': ldapSchemaDigest,
  'ldap.server-id': ldapServerId,
  localconfig,
  manual,
  package: packageAction,
  'read.certificate': readCertificate,
  'read.clock': readClock,
  'read.command': readCommand,
  'read.localconfig': readLocalconfigAction,
  service,
  'wait.command': waitCommand,
  'wait.converged': waitConverged,
  'wait.drained': waitDrained,
  'wait.port': waitPort,
  'wait.quiet': waitQuiet,
  'zimbra.agreements': zimbraAgreements,
  'zimbra.root-password': zimbraRootPassword,
};
