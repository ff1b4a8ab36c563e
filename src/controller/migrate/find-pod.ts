import { type Pod, stateOf } from '#api';
import { isJsonObject } from '#base';
import { findIp, formatIp, type Ip } from '#ip';
import type { ForeignRecord } from './foreign-record.ts';

/** Pods of the cluster, by what records know of them. */
export interface PodIndex {
  /**
   * The pod that has a record's address now; none: the record is of a pod that has gone, or has finished. Several, where a
   * record says too little.
   */
  list(record: ForeignRecord): readonly Pod[];
  /** Why it lists none, as far as the pod that the record names tells. */
  whyNone(record: ForeignRecord): string;
}

const NETWORK_STATUS = 'k8s.v1.cni.cncf.io/network-status';

/**
 * Finds pods by name and, where a record or a pod says more, by uid and address: records of a pod's predecessor of the same
 * name are none of its. One that names no pod, or a virtual machine, is of the pod that says that it has the address.
 */
export function indexPods(pods: readonly Pod[]): PodIndex {
  const alive = pods.filter(pod => stateOf(pod) === 'live' || stateOf(pod) === 'terminating');
  const byName = new Map(alive.map(pod => [keyOf(pod.metadata), pod]));
  const byAddress = new Map<string, Pod[]>();
  for (const pod of alive) {
    for (const { ips } of statusOf(pod) ?? []) {
      for (const ip of ips) byAddress.set(ip, [...(byAddress.get(ip) ?? []), pod]);
    }
  }

  function hasAddress(pod: Pod, ip: Ip): boolean {
    const status = statusOf(pod);
    return status === undefined || status.some(({ ips }) => ips.includes(formatIp(ip)));
  }

  return {
    list({ ip, pod }) {
      const named = pod === undefined ? undefined : byName.get(`${pod.namespace}/${pod.name}`);
      if (named !== undefined && (pod?.uid === undefined || pod.uid === named.metadata.uid)) {
        return hasAddress(named, ip) ? [named] : [];
      }
      const holders = byAddress.get(formatIp(ip)) ?? [];
      return holders.filter(({ metadata }) => pod === undefined || metadata.namespace === pod.namespace);
    },
    whyNone({ pod }) {
      if (pod === undefined) return 'no pod has it';
      const key = `${pod.namespace}/${pod.name}`;
      const named = byName.get(key);
      if (named === undefined) return `no pod "${key}" runs`;
      return pod.uid === undefined || pod.uid === named.metadata.uid
        ? `pod "${key}" does not have it, by its network-status`
        : `it was a former pod's, "${key}" is another one by now`;
    },
  };
}

/** An interface of a pod's network-status. */
export interface StatedInterface {
  readonly interface: string | undefined;
  /** Canonical, without prefix length. */
  readonly ips: readonly string[];
}

/** What a pod's network-status says; undefined where there is none that can be read. */
export function statusOf({ metadata }: Pod): readonly StatedInterface[] | undefined {
  const text = metadata.annotations?.[NETWORK_STATUS];
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // As good as none: it says nothing against a record.
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  return value.filter(isJsonObject).map(entry => ({
    interface: typeof entry['interface'] === 'string' ? entry['interface'] : undefined,
    ips: Array.isArray(entry['ips']) ? entry['ips'].map(String).map(canonical) : [],
  }));
}

function canonical(text: string): string {
  const ip = findIp(text.split('/')[0] ?? '');
  return ip === undefined ? text : formatIp(ip);
}

function keyOf({ namespace = 'default', name }: Pod['metadata']): string {
  return `${namespace}/${name}`;
}
