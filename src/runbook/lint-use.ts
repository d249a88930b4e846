import { checkCondition, checkTemplates, type Site } from './check-templates.ts';
import type { Findings } from './findings.ts';
import type { ParsedDocument } from './parse.ts';
import type { Path } from './position.ts';
import { didYouMean } from './suggestion.ts';
import { asMap, type Raw } from './to-model.ts';
import { isAssignable, type Names, nameOfType, typeOfInput } from './typed-scope.ts';

/** What a step hands to a part (`with`) against the inputs the part declares. */
export function lintUse(raw: Raw, path: Path, part: ParsedDocument, names: Names, findings: Findings): void {
  const site: Site = { findings, names, place: { host: true } };
  checkCondition(raw.when, [...path, 'when'], site);
  const inputs = asMap(asMap(part.value).inputs);
  const given = asMap(raw.with);
  for (const [name, value] of Object.entries(given)) {
    const at = [...path, 'with', name];
    const type = checkTemplates(value, at, site);
    if (!Object.hasOwn(inputs, name)) {
      const known = Object.keys(inputs);
      const otherwise = known.length === 0 ? 'the part takes no inputs' : `it takes ${known.join(', ')}`;
      findings.atKey(at, `the part has no input ${name}`, didYouMean(name, known, otherwise));
      continue;
    }
    const wanted = typeOfInput(asMap(inputs[name]).type);
    if (isAssignable(type, wanted)) continue;
    const hint = wanted.includes('Host')
      ? 'give hosts by an expression, such as ${{ inputs.… }}'
      : 'convert it';
    findings.atValue(at, `must be ${nameOfType(wanted)}, is ${nameOfType(type)}`, hint);
  }
  for (const [name, spec] of Object.entries(inputs)) {
    if (Object.hasOwn(given, name) || asMap(spec).default !== undefined) continue;
    findings.atKey([...path, 'with'], `the part needs the input ${name}`, `add ${name}: … under with`);
  }
}
