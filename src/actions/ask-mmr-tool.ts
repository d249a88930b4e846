import type { ReadPorts } from '../engine/ports.ts';
import { parseMmrTool, type Told } from '../localconfig/mmr-tool-text.ts';
import { PRODUCTS } from '../localconfig/products.ts';
import { commandFailed, exitedWith } from './exit-text.ts';

/**
 * As the owner of localconfig.xml, since the tools refuse all others. How they exit says nothing. Exit 4: no product here; 5: it
 * has neither tool.
 */
const SCRIPT = `
cd /
for file in $LOCKSTEP_FILES; do
  [ -f "$file" ] || continue
  owner=$(stat -c %U -- "$file") || exit 6
  home=\${file%/conf/*}
  for tool in "$home/libexec/zmldapmmrtool" "$home/libexec/zmldapquery-mmr"; do
    [ -x "$tool" ] || continue
    case "$tool" in *zmldapmmrtool) set -- -q ;; *) set -- ;; esac
    runuser -u "$owner" -- "$tool" "$@" 2>&1 </dev/null
    exit 0
  done
  exit 5
done
exit 4
`;

/** What the tool of the product's release says of replication; undefined where there is none. */
export async function askMmrTool(
  ports: ReadPorts,
  files: readonly string[] = PRODUCTS.map(({ file }) => file),
): Promise<{ readonly told: Told; readonly said: string } | undefined> {
  const env = { LC_ALL: 'C', LOCKSTEP_FILES: files.join(' ') };
  const done = await ports.probe({ script: SCRIPT, env, as: 'root' });
  if (exitedWith(done.exit, [4, 5])) return undefined;
  if (!exitedWith(done.exit, [0])) throw commandFailed(`asking zmldapmmrtool on ${ports.host.name}`, done);
  return { told: parseMmrTool(done.stdout), said: done.stdout.trimEnd() };
}
