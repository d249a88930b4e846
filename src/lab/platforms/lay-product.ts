import { mkdir, writeFile } from 'node:fs/promises';
import { runProgram } from '../run-program.ts';
import { certify } from './authority.ts';
import { nodePackages, peopled } from './mail-nodes.ts';
import { peopleTree } from './people-tree.ts';
import type { NewHost } from './platform.ts';
import { standInRelease, standInsFolder } from './stand-ins.ts';

/** Lays a node's packages down, as they are before anybody sets them up. */
export async function layProduct({ host, lab, root }: NewHost): Promise<void> {
  const release = standInRelease(lab.platform, lab.release);
  const { home, user, openldap, tools, tls } = release;
  const own = `${root}/usr/local/lib/lockstep-stand-in`;
  await mkdir(own, { recursive: true });
  const product = { ...release, packages: nodePackages[host.kind] };
  await writeFile(`${own}/product.json`, `${JSON.stringify(product, null, 2)}\n`);
  if (host.name === peopled.host)
    await writeFile(`${own}/people.ldif`, peopleTree('dc=example,dc=com', peopled.people));
  if (tls) await certify(lab.name, host.name, host.fqdn, `${own}/certificates`);
  const lists = [tools.bin.join(' '), tools.libexec.join(' '), nodePackages[host.kind].join(' ')];
  const folder = standInsFolder();
  await runProgram(['sh', `${folder}/lay-out`, folder, root, home, user, openldap, ...lists], {
    about: `${host.name}: laying out ${lab.platform}`,
  });
}
