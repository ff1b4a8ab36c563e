import { SPIDER_ENDPOINTS, SPIDER_IP_POOLS } from '#api';
import type { KubeClient } from '#kube';
import type { Family, PerFamily } from '../family.ts';
import type { SandboxPod } from '../resources.ts';
import type { Topology } from '../topology.ts';
import { addressCheck } from './address-checks.ts';
import { type Check, checkFailed } from './check.ts';
import type { ServicePlace } from './check-services.ts';
import { pairOf } from './find-pods.ts';
import { machineVantage, podTarget, podTitle, podVantage } from './places.ts';
import { requestCheck } from './vantage.ts';
import { viewCheck } from './view-check.ts';

/** The last part of the ten addresses of the example's pool, which is hexadecimal in one family and decimal in the other. */
const POOL: PerFamily<{
  readonly name: string;
  readonly range: string;
  readonly prefix: string;
  readonly digits: RegExp;
}> = {
  IPv4: {
    name: 'ippool-test',
    range: '172.18.30.131-172.18.30.140',
    prefix: '172.18.30.',
    digits: /^1(3[1-9]|40)$/,
  },
  IPv6: {
    name: 'ippool-test-v6',
    range: 'fd00:172:18::30:131-fd00:172:18::30:13a',
    prefix: 'fd00:172:18::30:',
    digits: /^13[1-9a]$/,
  },
};

export interface SpiderpoolChecksOptions {
  readonly pods: readonly SandboxPod[];
  readonly service: ServicePlace;
  readonly topology: Topology;
  readonly stateDir: string;
  readonly family: Family;
}

/** The Deployment `test-app`: addresses of its pool, which lead everywhere. */
export function spiderpoolChecks({ pods, service, topology, stateDir, family }: SpiderpoolChecksOptions): Check[] {
  const [a, b] = pairOf(pods, 'test-app');
  const { prefix, digits, range } = POOL[family];
  const isRight = (address: string): boolean => address.startsWith(prefix) && digits.test(address.slice(prefix.length));
  const place = service.cluster(family);
  return [
    ...[a, b].map(pod =>
      addressCheck({ name: 'address of a SpiderIPPool', pod, nic: 'eth0', family, wanted: `one of ${range}`, isRight }),
    ),
    requestCheck({
      name: 'Spiderpool pod to Spiderpool pod',
      family,
      from: podVantage(stateDir, a),
      to: podTitle(b),
      target: podTarget(b, family),
      expected: [b.metadata.name],
    }),
    requestCheck({
      name: 'Spiderpool pod to ClusterIP',
      family,
      from: podVantage(stateDir, b),
      to: 'test-app-svc',
      target: place,
      expected: [a.metadata.name, b.metadata.name],
    }),
    requestCheck({
      name: 'third host to Spiderpool pod',
      family,
      from: machineVantage(topology.outsider.name),
      to: podTitle(a),
      target: podTarget(a, family),
      expected: [a.metadata.name],
    }),
  ];
}

/** What Spiderpool's own objects say of it. */
export function spiderpoolViewChecks(
  client: KubeClient,
  pods: readonly SandboxPod[],
  families: readonly Family[],
): Check[] {
  const own = pairOf(pods, 'test-app');
  return [
    ...families.map(family => {
      const { name } = POOL[family];
      return viewCheck('SpiderIPPool counts its addresses', family, name, async () => {
        const { status } = await client.get(SPIDER_IP_POOLS, { name });
        const counts = `${status?.allocatedIPCount} of ${status?.totalIPCount}`;
        if (counts !== '2 of 10')
          throw checkFailed(`SpiderIPPool "${name}" counts ${counts} addresses, expected 2 of 10`);
      });
    }),
    ...own.map(pod =>
      viewCheck('SpiderEndpoint shows the pod', null, pod.metadata.name, async () => {
        const { namespace = '', name } = pod.metadata;
        const { status } = await client.get(SPIDER_ENDPOINTS, { namespace, name });
        const shown = (status?.current.ips ?? [])
          .flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])
          .filter(ip => ip !== undefined);
        const missing = (pod.status?.podIPs ?? []).filter(({ ip }) => !shown.some(text => text.startsWith(`${ip}/`)));
        if (missing.length > 0) throw checkFailed(`SpiderEndpoint "${name}" shows "${shown.join(', ')}"`);
      }),
    ),
  ];
}
