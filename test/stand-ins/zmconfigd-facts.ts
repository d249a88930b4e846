/** The part of zmconfigd that writes to cn=config, on a multi-master; labs have it switched off. */
import { expect, it } from 'vitest';
import type { ProductHost } from './product-host.ts';
import { valuesOf } from './read-ldif.ts';
import type { Release } from './release.ts';

const syncprov = 'olcOverlay={0}syncprov,olcDatabase={3}mdb,cn=config';

export function zmconfigdFacts(host: () => ProductHost, { home, user, systemd }: Release): void {
  const restart = systemd
    ? 'systemctl restart carbonio-configd'
    : `runuser -u ${user} -- ${home}/bin/zmcontrol restart`;
  const every = (seconds: number) =>
    host().root(
      `sed -i 's/"zmconfigd_every_s": [0-9]*/"zmconfigd_every_s": ${seconds}/' ` +
        `/usr/local/lib/lockstep-stand-in/product.json; ${restart}`,
    );
  const checkpoint = async () => valuesOf(await host().config(), syncprov, 'olcSpCheckpoint');

  it('zmconfigd puts back what localconfig.xml has another word on', async () => {
    await host().modify(syncprov, 'replace: olcSpCheckpoint\nolcSpCheckpoint: 7 7');
    expect(await checkpoint()).toEqual(['7 7']);
    await every(1);
    await expect.poll(checkpoint, { timeout: 10_000 }).toEqual(['20 10']);
    await every(0);
  });
}
