/** Whether asking `ssh -G` could tell anything: 50 hosts must not cost 50 processes where nothing is configured. */
import { glob, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Keywords of ssh_config(5) that change what lockstep reads from `ssh -G`, and those that could hide one. */
const MATTERS = new Set([
  'hostname',
  'user',
  'port',
  'identityfile',
  'identityagent',
  'identitiesonly',
  'proxyjump',
  'proxycommand',
  'userknownhostsfile',
  'globalknownhostsfile',
  'hostkeyalias',
  'serveraliveinterval',
  'serveralivecountmax',
  'connecttimeout',
  'match',
  'canonicalizehostname',
  'canonicaldomains',
  'tag',
]);

/** True when a file, or one it includes, has a setting that matters, or cannot be read for another reason than absence. */
export async function matteringConfig(files: readonly string[], home: string): Promise<boolean> {
  const seen = new Set<string>();
  const queue = [...files];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (seen.has(file)) continue;
    seen.add(file);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      return true;
    }
    for (const line of text.split('\n')) {
      const [, keyword = '', value = ''] = /^\s*([A-Za-z0-9]+)\s*[=\s]\s*(.*?)\s*$/.exec(line) ?? [];
      if (MATTERS.has(keyword.toLowerCase())) return true;
      if (keyword.toLowerCase() === 'include') queue.push(...(await included(value, file, home)));
    }
  }
  return false;
}

/** Relative includes are taken from ~/.ssh, or /etc/ssh for the system's file (ssh_config(5), Include). */
async function included(value: string, file: string, home: string): Promise<string[]> {
  const found: string[] = [];
  for (const word of value.split(/\s+/)) {
    const pattern = word.replace(/^"(.*)"$/, '$1').replace(/^~(?=\/)/, home);
    const folder = file.startsWith('/etc/ssh/')
      ? '/etc/ssh'
      : file.startsWith(`${home}/.ssh/`)
        ? `${home}/.ssh`
        : dirname(file);
    for await (const path of glob(pattern.startsWith('/') ? pattern : `${folder}/${pattern}`))
      found.push(path);
  }
  return found;
}
