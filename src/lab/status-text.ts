import { offsetText } from './fault-kinds.ts';
import type { FaultInForce } from './faults-in-force.ts';
import type { HostStatus, LabStatus } from './status.ts';

/** A lab for the screen: a heading and a line a host. */
export function statusText(lab: LabStatus): string {
  if (lab.phase === 'broken')
    return `${lab.name}  left half-built; remove it with \`lockstep lab down ${lab.name}\``;
  const building = lab.phase === 'building' ? '  being built, or left by an `up` that was killed' : '';
  const heading = `${lab.name}  ${productText(lab)} on Debian ${lab.debian}  since ${lab.createdAt}${building}`;
  const width = Math.max(0, ...lab.hosts.map((host) => host.name.length));
  return [heading, ...lab.hosts.map((host) => hostLine(host, width))].join('\n');
}

function hostLine(host: HostStatus, width: number): string {
  const ports = Object.entries(host.ports).map(([port, open]) => `${port} ${open ? 'open' : 'closed'}`);
  const columns = [
    host.name.padEnd(width),
    host.address.padEnd(15),
    host.power.padEnd(3),
    `link ${host.link}`.padEnd(8),
  ];
  if (host.kind !== 'master') ports.push(host.kind);
  const faults = host.faults.map(faultText);
  return `  ${[...columns, ...ports, ...(faults.length > 0 ? [`faults: ${faults.join(', ')}`] : [])].join('  ')}`;
}

function faultText(fault: FaultInForce): string {
  if (fault.kind === 'slow') return `${fault.delayMs} ms slow each way`;
  if (fault.kind === 'clock') return `clock ${offsetText(fault.offsetS)}`;
  return fault.kind.replace('-', ' ');
}

/** `openldap`, or `zimbra 8.8` where the product has releases. */
export function productText(lab: { readonly platform?: string; readonly release?: string }): string {
  return lab.release === undefined ? `${lab.platform}` : `${lab.platform} ${lab.release}`;
}
