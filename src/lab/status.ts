import { connect } from 'node:net';
import { type FaultInForce, faultsInForce } from './faults-in-force.ts';
import { hostPower } from './host-power.ts';
import { labInventoryPath } from './lab-paths.ts';
import { type LabHost, type LabRecord, readLab } from './lab-record.ts';
import { linkState } from './network.ts';
import { platformNamed } from './platforms/index.ts';

export interface HostStatus extends LabHost {
  readonly power: 'on' | 'off';
  readonly link: 'up' | 'cut';
  /** TCP port → whether it takes connections from here. */
  readonly ports: Readonly<Record<string, boolean>>;
  /** Empty when all is well with the host. */
  readonly faults: readonly FaultInForce[];
}

export interface LabStatus {
  readonly name: string;
  /** `broken`: no readable record; `building`: an `up` is at work, or was killed. */
  readonly phase: LabRecord['phase'] | 'broken';
  readonly platform?: string;
  readonly release?: string;
  readonly debian?: number;
  readonly createdAt?: string;
  readonly inventory: string;
  readonly hosts: readonly HostStatus[];
}

/** Looks at a lab that has a directory. */
export async function labStatus(name: string): Promise<LabStatus> {
  const lab = await readLab(name);
  const inventory = labInventoryPath(name);
  if (!lab) return { name, phase: 'broken', inventory, hosts: [] };
  const hosts = await Promise.all(lab.hosts.map((host) => hostStatus(lab, host)));
  const { phase, platform, release, debian, createdAt } = lab;
  return {
    ...{ name, phase, platform },
    ...(release !== undefined && { release }),
    ...{ debian, createdAt, inventory, hosts },
  };
}

async function hostStatus(lab: LabRecord, host: LabHost): Promise<HostStatus> {
  const ports = [22, ...platformNamed(lab.platform).ports(host.kind)];
  const [power, link, faults, ...open] = await Promise.all([
    hostPower(lab.name, host.name),
    linkState(lab.name, host.name),
    faultsInForce(lab, host.name),
    ...ports.map((port) => answers(host.address, port, `${lab.subnet}.1`)),
  ]);
  return {
    ...host,
    power,
    link,
    ports: Object.fromEntries(ports.map((port, index) => [port, open[index] === true])),
    faults,
  };
}

/**
 * Half a second is ample on a network inside one machine. The local address keeps a lab whose link is gone (the machine
 * was rebooted) from being looked for behind the default route.
 */
function answers(address: string, port: number, localAddress: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, localAddress, timeout: 500 });
    const settle = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket
      .once('connect', () => settle(true))
      .once('timeout', () => settle(false))
      .once('error', () => settle(false));
  });
}
