import { networkInterfaces } from "node:os";

/** One address of one interface of this machine. */
export interface SystemAddress {
  /** `eth0`. */
  readonly name: string;
  /** Without brackets. */
  readonly address: string;
  /** The network that it is part of: `10.0.0.5/24`; null where that is not known. */
  readonly cidr: string | null;
}

/** Interfaces that lead to containers and virtual machines of this host, and nowhere else. */
const BRIDGES = /^(docker|br-|veth|virbr|lxc|lxdbr|cni|flannel|cali|podman|vmnet|vboxnet)/;

/** Whether an interface leads to containers or virtual machines of this host. */
export function isBridge(name: string): boolean {
  return BRIDGES.test(name);
}

/** The addresses of this machine as they are now; none without the permission to ask. */
export function systemAddresses(): SystemAddress[] {
  try {
    return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
      addresses.map(({ address, cidr }) => ({ name, address, cidr }))
    );
  } catch {
    return [];
  }
}
