/** The localconfig.xml of a host as an action sees it: what stands in it, who owns it, and whether slapd lives there. */
import type { CommandResult, Host, ReadPorts } from '../engine/ports.ts';
import { readLdapUrl } from '../ldap/ldap-url.ts';
import { LocalconfigSyntax, parseLocalconfig } from '../localconfig/parse.ts';
import { PRODUCTS } from '../localconfig/products.ts';
import type { Text } from '../secrets/secret.ts';
import { ActionError } from './action-error.ts';
import { commandFailed, exitedWith } from './exit-text.ts';
import { LOOK, REFUSALS } from './localconfig-scripts.ts';

/** What a look at a localconfig.xml has shown. */
export interface LocalconfigFacts {
  readonly host: Pick<Host, 'name' | 'address'>;
  readonly file: string;
  /** The whole file; passwords stand in it. */
  readonly text: string;
  readonly values: ReadonlyMap<string, string>;
  readonly owner: string;
  readonly sha256: string;
  /** Has slapd been set up here? */
  readonly hasSlapd: boolean;
  /** Whose address the host of the first wanted URL has, as this host resolves it: own, other, unknown. */
  readonly listener: string;
}

interface Looked {
  readonly keys?: Readonly<Record<string, Text>> | undefined;
  readonly file?: string | undefined;
}

/** Throws ActionError where there is none, or it cannot be understood. */
export async function lookAtLocalconfig(params: Looked, ports: ReadPorts): Promise<LocalconfigFacts> {
  const files = filesOf(params.file);
  const wanted = params.keys?.['ldap_url'];
  const listener = typeof wanted === 'string' ? (readLdapUrl(wanted.split(' ')[0] ?? '')?.host ?? '') : '';
  const env = { LC_ALL: 'C', LOCKSTEP_FILES: files.join('\n'), LOCKSTEP_LISTENER: listener };
  const told = await ports.probe({ script: LOOK, env, as: 'root' });
  const host = ports.host.name;
  if (exitedWith(told.exit, [4]))
    throw new ActionError(`${host} has no ${files.join(' and no ')}`, {
      next: 'Run the step on hosts where the product is set up, or set it up first.',
    });
  // What it printed holds passwords, and is not shown with a failure.
  refuse(`reading ${files.join(' or ')} on ${host}`, { ...told, stdout: '' });
  const end = told.stdout.indexOf('\n\n');
  const said = new Map(
    told.stdout
      .slice(0, end)
      .split('\n')
      .map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)] as const),
  );
  const file = said.get('file') ?? '';
  const text = told.stdout.slice(end + 2);
  try {
    const values = new Map(parseLocalconfig(text).keys.map(({ name, value }) => [name, value]));
    return {
      host: ports.host,
      file,
      text,
      values,
      owner: said.get('owner') ?? '',
      sha256: said.get('sha256') ?? '',
      hasSlapd: said.get('slapd') === '1',
      listener: said.get('listener') ?? 'unknown',
    };
  } catch (error) {
    if (!(error instanceof LocalconfigSyntax)) throw error;
    throw new ActionError(`${file} on ${host} cannot be understood: ${error.message}`, {
      next: 'Mend it with an editor, as the user that owns it.',
    });
  }
}

export function filesOf(file: string | undefined): readonly string[] {
  return file === undefined ? PRODUCTS.map((product) => product.file) : [file];
}

/** Throws unless a script of `localconfig-scripts.ts` exited 0. */
export function refuse(subject: string, done: CommandResult): void {
  if (exitedWith(done.exit, [0])) return;
  const refusal = done.exit.kind === 'exited' ? REFUSALS[done.exit.code] : undefined;
  if (refusal === undefined) throw commandFailed(subject, done);
  throw new ActionError(`${subject}: ${refusal.fact}`, { next: refusal.next, command: done });
}
