import type { Findings } from './findings.ts';
import { lintOn } from './lint-step.ts';
import type { Path } from './position.ts';
import { asList, asMap, type Raw } from './to-model.ts';
import type { Names } from './typed-scope.ts';

/** Of these, a host gives the value. What `inventory:` stands for is known when the inventory is. */
const GIVEN_BY_HOST = /^(host|localconfig|inventory):/;

/** Sources are read as they stand; whose they are is known before any host is looked at. */
export function lintSources(secrets: Raw, names: Names, findings: Findings): void {
  for (const [name, spec] of Object.entries(secrets)) {
    const { from, on } = asMap(spec);
    const at: Path = ['secrets', name];
    const sources = asList(from).map(String);
    for (const [index, source] of sources.entries()) {
      if (!source.includes('${{')) continue;
      findings.inText(
        [...at, 'from', index],
        source.indexOf('${{'),
        'a source cannot hold ${{ }}',
        'write it out, one source for each case',
      );
    }
    if (on === undefined) continue;
    const type = lintOn(on, [...at, 'on'], { findings, names, place: { noCaptures: true } });
    if (type === 'list<Host>' || type === 'Secret') {
      const is = type === 'Secret' ? 'a secret' : 'a list of hosts';
      const hint = type === 'Secret' ? 'use an input of type host' : 'take one of them, such as [0]';
      findings.atValue([...at, 'on'], `must yield one host, is ${is}`, hint);
    }
    if (!sources.some((source) => GIVEN_BY_HOST.test(source)))
      findings.atKey(
        [...at, 'on'],
        'no source of this secret is on a host',
        'on belongs to host:, localconfig: and inventory:',
      );
  }
}
