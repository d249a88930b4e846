import { Option } from 'commander';
import { inventoryOption } from './option.ts';

/** What `status` and `doctor` share. */
export function healthOptions(): readonly Option[] {
  return [
    inventoryOption(),
    new Option(
      '--suffix <dn>',
      "the tree; else the inventory's variable suffix, else the only one that replicates",
    ),
    new Option(
      '--limit <hosts>',
      'these servers and no others: group, host, glob or a mix such as masters:!ldap3',
    ),
    new Option('--seed <host>', 'begin with this one, and go on to the servers that agreements name'),
    new Option('--deep', 'compare every entry, and not only what contextCSN says'),
  ];
}
