import { type Family, familyOf } from '../family.ts';
import type { SandboxPod } from '../resources.ts';
import { type Check, checkFailed } from './check.ts';
import { podAddress } from './places.ts';

const ANNOTATION = 'k8s.v1.cni.cncf.io/network-status';

/** One interface as the NPWG standard's annotation lists it. */
export interface NetworkStatus {
  readonly name: string;
  readonly interface: string;
  readonly ips: readonly string[];
  readonly isDefault: boolean;
}

/** @throws SandboxError CHECK_FAILED when the annotation is missing or is not what the standard says */
export function readNetworkStatus(pod: SandboxPod): NetworkStatus[] {
  const text = pod.metadata.annotations?.[ANNOTATION];
  if (text === undefined) throw checkFailed(`pod "${pod.metadata.name}" has no annotation ${ANNOTATION}`);
  const entries: unknown = JSON.parse(text);
  if (!Array.isArray(entries)) throw checkFailed(`${ANNOTATION} of pod "${pod.metadata.name}" is not a list`);
  return entries.map((entry: Readonly<Record<string, unknown>>) => ({
    name: textOf(entry['name']),
    interface: textOf(entry['interface']),
    ips: Array.isArray(entry['ips']) ? entry['ips'].map(textOf) : [],
    isDefault: entry['default'] === true,
  }));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * A check that the annotation lists the pod's interfaces (helpers' own links may come on top) with an address of the family each, the
 * default one with the pod's own.
 */
export function networkStatusCheck(pod: SandboxPod, interfaces: readonly string[], family: Family): Check {
  return {
    name: 'network-status lists the interfaces',
    family,
    from: pod.metadata.name,
    to: interfaces.join(', '),
    async attempt() {
      const start = performance.now();
      const status = readNetworkStatus(pod);
      const listed = status.filter(({ ips }) => ips.some(ip => familyOf(ip) === family)).map(entry => entry.interface);
      const missing = interfaces.filter(name => !listed.includes(name));
      if (missing.length > 0)
        throw checkFailed(
          `network-status lists "${listed.join(', ')}" with ${family}, expected "${missing.join(', ')}" as well`,
        );
      const ip = podAddress(pod, family);
      if (ip === undefined) throw checkFailed(`status.podIPs has no ${family} address`);
      if (!status.some(entry => entry.isDefault && entry.ips.includes(ip)))
        throw checkFailed(`network-status has no default interface with the pod's address ${ip}`);
      return Math.round((performance.now() - start) * 10) / 10;
    },
  };
}

/** A check that no address is on two interfaces, whatever pod or node they belong to. */
export function distinctAddressesCheck(pods: readonly SandboxPod[], others: readonly string[], family: Family): Check {
  return {
    name: 'addresses are distinct',
    family,
    from: `${pods.length} pods`,
    to: 'all interfaces',
    async attempt() {
      const start = performance.now();
      const listed = pods.flatMap(pod => readNetworkStatus(pod).flatMap(entry => entry.ips));
      const addresses = [...others, ...listed.filter(ip => familyOf(ip) === family)];
      const twice = addresses.filter((address, index) => addresses.indexOf(address) !== index);
      if (twice.length > 0) throw checkFailed(`${twice.join(', ')} on more than one interface`);
      return Math.round((performance.now() - start) * 10) / 10;
    },
  };
}
