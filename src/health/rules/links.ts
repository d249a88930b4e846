/** How agreements fare, by cn=monitor and by what slapd wrote. */
import { restartCommand } from '../commands.ts';
import { longestPauseMs } from '../link-health.ts';
import type { Pool } from '../pool.ts';
import { known } from '../seen.ts';
import { isAtLeast, isDown, type Server, sidOf } from '../server.ts';
import { BEHIND_CRITICAL_MS, BEHIND_WARNING_MS, REFRESH_WARNING_MS } from '../thresholds.ts';
import { type Link, linkName, peerOf, providerName } from '../topology.ts';
import { and, momentText, spanText } from '../words.ts';
import { type Rule, rule } from './rule.ts';

export const linkRules: readonly Rule[] = [
  rule({
    code: 'agreement-gave-up',
    severity: 'critical',
    about: 'slapd has stopped trying to reach a provider ("quitting").',
    why: 'it gets no changes until slapd is restarted, even when the provider is back',
    mends: 'Restart slapd on the consumer, and let the retry list of the agreement end with +.',
    find: ({ links }) =>
      running(links).flatMap((link) =>
        link.health.state === 'gave up'
          ? [
              {
                where: [link.consumer.name],
                what: `${linkName(link)} from ${providerName(link)} has given up at ${momentText(link.health.lastError?.at ?? 0)}: ${link.health.lastError?.text ?? ''}`,
                fix: `On ${link.consumer.name}: ${restartCommand(link.consumer)}; and let its retry list end with +.`,
              },
            ]
          : [],
      ),
  }),
  rule({
    code: 'agreement-down',
    severity: ['critical', 'info'],
    about:
      'An agreement that is to hold a connection has none. Info where its provider has just been started, and the next try is on its way.',
    why: 'the consumer gets no changes by this way',
    mends: 'See the last error that it has met, and what a trial of it says.',
    find: (pool) =>
      running(pool.links).flatMap((link) => {
        const peer = peerOf(link);
        // What lies at the bottom is told by its own rule.
        const isTold = link.trial !== undefined && 'why' in link.trial && link.trial.kind !== 'untried';
        if (link.health.state !== 'down' || isTold || (peer && isDown(peer))) return [];
        const { lastError, lastContact } = link.health;
        const heard =
          lastContact === undefined
            ? 'it has never heard of it'
            : `last heard of at ${momentText(lastContact)}`;
        return [
          {
            ...(isDue(link, pool) && {
              severity: 'info' as const,
              fix: 'Wait for its next try, and look again.',
            }),
            where: [link.consumer.name],
            what: `${linkName(link)} is not connected with ${providerName(link)}: ${lastError ? lastError.text : heard}`,
          },
        ];
      }),
  }),
  rule({
    code: 'agreement-hangs',
    severity: 'critical',
    about: 'An agreement believes to be connected, and its consumer is behind its provider.',
    why: 'a connection that was cut in silence looks like one on which nothing happens',
    mends: 'Restart slapd on the consumer, and give the agreement a keepalive.',
    find: (pool) =>
      running(pool.links).flatMap((link) => {
        const since = hangingSince(link, pool);
        if (since === undefined) return [];
        return [
          {
            where: [link.consumer.name],
            what: `${linkName(link)} is connected with ${providerName(link)}, and has not got its changes for ${spanText(pool.site.at - since)}`,
            fix: `On ${link.consumer.name}: ${restartCommand(link.consumer)}; and give the agreement keepalive=240:10:30.`,
          },
        ];
      }),
  }),
  rule({
    code: 'agreement-refreshing',
    severity: 'warning',
    about: 'An agreement has been comparing all entries for more than 10 min.',
    why: 'with a large tree that takes its time; else it begins anew each time and never comes to its end',
    mends: 'Look at the log of the consumer; with an accesslog see that the replicator may read it.',
    find: (pool) =>
      running(pool.links).flatMap((link) => {
        const { state, lastConnect } = link.health;
        if (state !== 'refreshing' || lastConnect === undefined) return [];
        const span = nowOf(link.consumer, pool) - lastConnect;
        if (span < REFRESH_WARNING_MS) return [];
        return [
          {
            where: [link.consumer.name],
            what: `${linkName(link)} has been comparing all entries with ${providerName(link)} for ${spanText(span)}`,
          },
        ];
      }),
  }),
  rule({
    code: 'delta-fallback',
    severity: 'warning',
    about: 'An agreement by the accesslog has fallen back to comparing all entries.',
    why: 'the log of the provider does not reach back far enough, or what it says does not fit; each change costs a comparison meanwhile',
    mends:
      'Wait until it is through; where it comes again, keep the log for longer, or load the consumer again.',
    find: ({ links }) =>
      running(links).flatMap((link) =>
        link.health.state === 'fallback'
          ? [
              {
                where: [link.consumer.name],
                what: `${linkName(link)} compares all entries with ${providerName(link)}, since the log did not do`,
              },
            ]
          : [],
      ),
  }),
  rule({
    code: 'agreement-unseen',
    severity: 'unknown',
    about: 'Neither cn=monitor nor the log nor a trial says how an agreement fares.',
    why: 'it may be down without anybody knowing',
    mends: 'Load back_monitor with its database (2.5 and later), or let olcLogLevel hold `sync`.',
    find: ({ links }) =>
      running(links).flatMap((link) => {
        // What a trial has come to is a finding of its own.
        if (link.health.state !== 'unknown' || (link.trial && link.trial.kind !== 'untried')) return [];
        const untried = link.trial?.why ?? 'it was not tried';
        return [
          {
            where: [link.consumer.name],
            what: `nobody knows how ${linkName(link)} from ${providerName(link)} fares: ${[link.health.why, untried].filter(Boolean).join('; ')}`,
          },
        ];
      }),
  }),
  rule({
    code: 'monitor-missing',
    severity: 'info',
    about: 'A server of 2.5 or later has no cn=monitor, where each agreement tells how it fares.',
    why: 'only the log and a trial tell about its agreements',
    mends: 'Load back_monitor and add a monitor database that root may read.',
    find: ({ servers }) => {
      const blind = servers.filter(
        (server) =>
          !isDown(server) &&
          'unknown' in server.facts.monitor &&
          (server.database?.agreements.length ?? 0) > 0 &&
          isAtLeast(server, '2.5') === true,
      );
      if (blind.length === 0) return [];
      const names = blind.map(({ name }) => name);
      return [{ where: names, what: `the agreements of ${and(names)} cannot be seen in cn=monitor` }];
    },
  }),
];

/** Of consumers that run: else that is what is wrong. */
function running(links: readonly Link[]): readonly Link[] {
  return links.filter(({ consumer, provider }) => !isDown(consumer) && provider.kind !== 'itself');
}

/** Would come through, and its provider, or its own slapd, runs for no longer than its retry lets it wait. */
function isDue(link: Link, pool: Pool): boolean {
  const running = [peerOf(link), link.consumer].map((server) => {
    const startedAt = server?.installation?.startedAt;
    return server && startedAt !== undefined ? nowOf(server, pool) - startedAt : Number.POSITIVE_INFINITY;
  });
  const patience = Math.min(longestPauseMs(link.agreement), BEHIND_CRITICAL_MS) + DUE_MS;
  return link.trial?.kind === 'ok' && link.health.state === 'down' && Math.min(...running) < patience;
}

/** What a try itself may take, ms. */
const DUE_MS = 10_000;

/** The consumer's clock. */
function nowOf({ facts }: Server, { site }: Pool): number {
  return site.at + (known(facts.clock)?.skewMs ?? 0);
}

/** Since when it has been behind in its provider's own changes while it is connected; undefined where it is not. */
function hangingSince(link: Link, pool: Pool): number | undefined {
  const peer = peerOf(link);
  const sid = peer && sidOf(peer);
  if (link.health.state !== 'connected' || link.health.from !== 'monitor' || !sid) return undefined;
  const at = pool.sids.find((state) => state.sid === sid)?.at.get(link.consumer.name);
  if (at?.kind !== 'behind' || at.since === undefined) return undefined;
  return pool.site.at - at.since >= BEHIND_WARNING_MS ? at.since : undefined;
}
