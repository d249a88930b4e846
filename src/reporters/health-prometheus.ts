/** A status as Prometheus reads it: text exposition format 0.0.4. What is not known has no sample. Pure. */

import { SEVERITIES } from '../health/diagnose.ts';
import type { SiteFacts } from '../health/facts.ts';
import type { Finding } from '../health/finding.ts';
import { type Pool, poolOf } from '../health/pool.ts';
import { known } from '../health/seen.ts';
import { isDown, type Server, sidOf } from '../health/server.ts';
import { providerName } from '../health/topology.ts';
import { verdictOf } from '../health/verdict.ts';
import { csnTime, formatSid } from '../ldap/csn.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number | undefined];

export function healthPrometheus(site: SiteFacts, findings: readonly Finding[]): string {
  const pool = poolOf(site);
  return [
    ...siteFamilies(site, findings),
    ...serverFamilies(pool),
    ...changeFamilies(pool),
    ...linkFamilies(pool),
  ].join('');
}

function siteFamilies(site: SiteFacts, findings: readonly Finding[]): readonly string[] {
  const { suffix } = site;
  return [
    family('verdict', 'The worst of all findings: 0 ok, 1 warning, 2 critical, 3 unknown.', [
      [{ suffix }, verdictOf(findings).code],
    ]),
    family(
      'findings',
      'Findings of lockstep doctor by severity.',
      SEVERITIES.map((severity) => [
        { suffix, severity },
        findings.filter((finding) => finding.severity === severity).length,
      ]),
    ),
    family(
      'finding',
      'How often each code was found; a code that was not found has no sample.',
      [...tallied(findings)].flatMap(([code, severities]) =>
        [...severities].map(([severity, number]): Sample => [{ suffix, code, severity }, number]),
      ),
    ),
    family('look_timestamp_seconds', 'When the site was looked at.', [[{ suffix }, seconds(site.at)]]),
  ];
}

function serverFamilies({ servers, roles }: Pool): readonly string[] {
  const each = (value: (server: Server) => number | undefined): readonly Sample[] =>
    servers.map((server) => [{ server: server.name }, value(server)]);
  const number = (truth: boolean) => (truth ? 1 : 0);
  return [
    family(
      'up',
      '1 where the host is reached and slapd runs.',
      each((server) => (server.installation || isDown(server) ? number(!isDown(server)) : undefined)),
    ),
    family(
      'server_info',
      'Always 1; what the server is.',
      servers.map((server) => [
        {
          server: server.name,
          role: roles.get(server.name) ?? 'unknown',
          version: server.installation?.version ?? '',
          sid: String(sidOf(server) ?? ''),
        },
        1,
      ]),
    ),
    family(
      'entries',
      'Entries below the suffix.',
      each(({ content }) => content?.entries),
    ),
    family(
      'glue_entries',
      'Entries that only hold up others.',
      each(({ content }) => content?.glue),
    ),
    family(
      'clock_skew_seconds',
      'Its clock minus ours.',
      each(({ facts }) => seconds(known(facts.clock)?.skewMs)),
    ),
    family(
      'clock_uncertainty_seconds',
      'How far that measurement may be off.',
      each(({ facts }) => seconds(known(facts.clock)?.uncertaintyMs)),
    ),
    family(
      'map_used_bytes',
      'Size of data.mdb: the most that the map has held.',
      each(({ installation }) => known(installation?.dataBytes)),
    ),
    family(
      'map_size_bytes',
      'olcDbMaxSize.',
      each(({ database }) => database?.mapBytes),
    ),
    family(
      'disk_free_bytes',
      'Free on the file system of the database.',
      each(({ installation }) => known(installation?.freeBytes)),
    ),
    family(
      'certificate_expiry_timestamp_seconds',
      'Until when its certificate holds.',
      each(({ installation }) => seconds(known(installation?.certificate)?.certificate.notAfter)),
    ),
    family(
      'start_timestamp_seconds',
      'When slapd was started, by the clock of its host.',
      each(({ installation }) => seconds(installation?.startedAt)),
    ),
  ];
}

function changeFamilies({ servers, sids, site }: Pool): readonly string[] {
  const each = (value: (at: number, server: Server) => number | undefined): readonly Sample[] =>
    servers.flatMap((server) =>
      sids.map(
        (state, at): Sample => [{ server: server.name, sid: formatSid(state.sid) }, value(at, server)],
      ),
    );
  return [
    family(
      'context_csn_timestamp_seconds',
      'Time of the newest change of each server ID that the server has.',
      each((at, { facts }) => {
        const csn = known(facts.csns)?.get(sids[at]?.sid ?? -1);
        return csn && seconds(csnTime(csn));
      }),
    ),
    family(
      'behind',
      '1 where the server lacks changes of that server ID.',
      each((at, { name }) => {
        const state = sids[at]?.at.get(name);
        return state === undefined || state.kind === 'unknown' ? undefined : state.kind === 'behind' ? 1 : 0;
      }),
    ),
    family(
      'behind_seconds',
      'For how long it has been seen behind; 0 where it is not.',
      each((at, { name }) => {
        const state = sids[at]?.at.get(name);
        if (state === undefined || state.kind === 'unknown') return undefined;
        return state.kind === 'behind' ? seconds(site.at - (state.since ?? site.at)) : 0;
      }),
    ),
  ];
}

function linkFamilies({ links, site }: Pool): readonly string[] {
  const real = links.filter(({ provider }) => provider.kind !== 'itself');
  const labels = (link: (typeof links)[number]): Labels => ({
    consumer: link.consumer.name,
    provider: providerName(link),
    rid: link.rid,
  });
  return [
    family(
      'agreement_up',
      '1 where the agreement works: connected, comparing, or waiting for its next turn.',
      real.map((link) => {
        const { state } = link.health;
        return [
          labels(link),
          state === 'unknown' ? undefined : state === 'down' || state === 'gave up' ? 0 : 1,
        ];
      }),
    ),
    family(
      'agreement_last_contact_timestamp_seconds',
      'When the consumer last heard of its provider, by its own clock.',
      real.map((link) => [labels(link), seconds(link.health.lastContact)]),
    ),
    family(
      'agreement_trial_ok',
      '1 where a bind and a search as the replicator came through.',
      real.map((link) => {
        const kind = link.trial?.kind;
        return [labels(link), kind === undefined || kind === 'untried' ? undefined : kind === 'ok' ? 1 : 0];
      }),
    ),
    family(
      'canary_seconds',
      'How long a write took from one server to another; none for one that did not arrive.',
      (site.flights ?? []).map(({ from, to, ms }) => [{ from, to }, seconds(ms)]),
    ),
    family(
      'canary_arrived',
      '1 where the write arrived.',
      (site.flights ?? []).map(({ from, to, ms }) => [{ from, to }, ms === undefined ? 0 : 1]),
    ),
  ];
}

function tallied(findings: readonly Finding[]): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const codes = new Map<string, Map<string, number>>();
  for (const { code, severity } of findings) {
    const own = codes.get(code) ?? new Map<string, number>();
    codes.set(code, own.set(severity, (own.get(severity) ?? 0) + 1));
  }
  return codes;
}

/** All of them are gauges. '' without a sample. */
function family(name: string, help: string, samples: readonly Sample[]): string {
  const full = `lockstep_ldap_${name}`;
  const lines = samples.flatMap(([labels, value]) =>
    value === undefined ? [] : [`${full}${labelText(labels)} ${value}\n`],
  );
  if (lines.length === 0) return '';
  const told = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${full} ${told}\n# TYPE ${full} gauge\n${lines.join('')}`;
}

function labelText(labels: Labels): string {
  const escaped = (value: string) =>
    value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
