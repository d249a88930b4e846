/** Findings name the runbooks of OpenLDAP and Zimbra; here they become those of the site's own product. Pure. */
import { PLACES, type ProductName } from './product.ts';

/** Runbooks that both have, by what OpenLDAP's is called. */
const ALIKE: Readonly<Record<string, string>> = {
  reload: 'reload',
  converge: 'converge',
  'change-agreement': 'change-agreement',
  'delete-node': 'delete-node',
  'rotate-replicator-password': 'rotate-replication-password',
};

/** The others: what the product's own tools do, below its libexec. */
const TOOLS: Readonly<Record<string, string>> = {
  'add-master': 'zmldapenable-mmr -r RID -m ldap://PEER:389/',
  'enable-delta-sync': 'zmldapenablereplica',
  'enable-tls': 'zmldapmmrtool -u -o RID -t critical',
};

const COMMAND = /`lockstep run openldap\/([\w-]+)([^`]*)`/g;

export function forProduct(text: string, product: ProductName | undefined): string {
  if (product === undefined) return text;
  const { home } = PLACES[product];
  return text
    .replace(COMMAND, (_, runbook: string, rest: string) => {
      if (TOOLS[runbook] !== undefined) return `\`${home}/libexec/${TOOLS[runbook]}\``;
      return `\`lockstep run ${product}/${ALIKE[runbook] ?? runbook}${rest}\``;
    })
    .replace(
      /(?<!\/)\bopenldap\/([\w-]+)/g,
      (_, runbook: string) => `${product}/${ALIKE[runbook] ?? runbook}`,
    )
    .replaceAll('lockstep run zimbra/', `lockstep run ${product}/`);
}
