import { EVENTS } from '#api';
import type { KubeClient, WatchCache } from '#kube';
import { familyOf } from '../family.ts';
import { isPodReady } from '../loops/pod-state.ts';
import type { SandboxPod } from '../resources.ts';
import { untilCached } from '../until-cached.ts';
import type { CheckRow } from './check.ts';

/** What a probed pod's readiness shows. */
export const READINESS = 'node to pod: readiness probe';

/** Waits for one pod to become Ready, which for a probed pod means that its node's probe reached it. */
export async function awaitPodReady(
  client: KubeClient,
  pods: WatchCache<SandboxPod>,
  pod: SandboxPod,
  timeoutMs: number,
): Promise<CheckRow> {
  const start = performance.now();
  const ready = await untilCached(
    pods,
    items => items.find(item => item.metadata.uid === pod.metadata.uid && isPodReady(item)),
    AbortSignal.timeout(timeoutMs),
  );
  const ms = Math.round(performance.now() - start);
  const isProbed = pod.spec.containers?.some(({ readinessProbe }) => readinessProbe !== undefined) === true;
  const current = ready ?? pods.find(pod.metadata) ?? pod;
  const podIP = current.status?.podIP;
  const row = {
    name: isProbed ? READINESS : 'pod runs',
    family: isProbed && podIP !== undefined ? familyOf(podIP) : null,
    from: current.spec.nodeName ?? '',
    to: pod.metadata.name,
    ms,
  };
  return ready === undefined
    ? { ...row, ok: false, error: await whyNotReady(client, current) }
    : { ...row, ok: true, error: null };
}

/** The pod's last Event, else its condition: what `kubectl describe` would show. */
async function whyNotReady(client: KubeClient, pod: SandboxPod): Promise<string> {
  const { namespace = 'default', name, uid } = pod.metadata;
  const { items } = await client.list(EVENTS, { namespace });
  const own = items.filter(event => event.involvedObject.uid === uid && event.type === 'Warning');
  own.sort((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''));
  const condition = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  return (
    own.at(-1)?.message ??
    condition?.message ??
    `pod "${namespace}/${name}" is ${pod.status?.phase ?? 'Pending'}${pod.spec.nodeName === undefined ? ', on no node' : ''}`
  );
}
