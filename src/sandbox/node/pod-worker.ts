import { join } from 'node:path';
import { codeOf, type Log, messageOf, systemClock } from '#base';
import type { EventRecorder, KubeClient } from '#kube';
import { podRecordFile, removePodRecord, writePodRecord } from '../pod-record.ts';
import { SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { startContainers } from './containers.ts';
import { isRestarted, plannedEnd } from './planned-end.ts';
import type { PodSandbox, SandboxMaker } from './pod-sandbox.ts';
import { probeReadiness } from './readiness.ts';
import { createStatusWriter, type StatusWriter } from './status-writer.ts';

export interface PodWorkerContext {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  readonly sandboxes: SandboxMaker;
  readonly nodeName: string;
  /** The node's own addresses on its LAN, the primary family's first. */
  readonly addresses: readonly string[];
  readonly stateDir: string;
  /** Folder of the containers' control sockets. */
  readonly socketDir: string;
  readonly log: Log;
}

const BACKOFF_MS = { first: 250, last: 8_000 };

/**
 * One pod's life on this node: network, containers, probes, and after `stopped` everything in reverse, until the pod's
 * deletion is confirmed. Failures are retried with growing pauses and told as Events, as kubelet does.
 */
export async function runPod(pod: SandboxPod, context: PodWorkerContext, stopped: AbortSignal): Promise<void> {
  const initial = { phase: 'Pending', hostIps: context.addresses, ips: [], isReady: false, restarts: 0 } as const;
  const status = createStatusWriter(context.client, pod, initial, context.log, stopped);
  status.set({});
  const sandbox = await retry(pod, context, 'FailedCreatePodSandBox', 'Failed to create pod sandbox', stopped, () =>
    createSandbox(pod, context),
  );
  if (sandbox !== undefined) {
    const recordFile = podRecordFile(context.stateDir, pod.metadata.namespace ?? '', pod.metadata.name);
    await writePodRecord(recordFile, { netns: sandbox.netns, node: context.nodeName });
    await runContainers(pod, sandbox, context, status, stopped);
    // Of a pod that has finished the network goes at once; its object stays until somebody deletes it.
    await removePodRecord(recordFile);
    if (!pod.spec.hostNetwork) {
      await retry(pod, context, 'FailedKillPod', 'error killing pod', undefined, () =>
        context.sandboxes.remove(pod, sandbox),
      );
    }
  }
  await retry(pod, context, 'FailedKillPod', 'error killing pod', undefined, () => context.sandboxes.sweep(pod));
  await aborted(stopped);
  await confirmDeletion(pod, context);
}

function createSandbox(pod: SandboxPod, { nodeName, addresses, sandboxes }: PodWorkerContext): Promise<PodSandbox> {
  if (!pod.spec.hostNetwork) return sandboxes.create(pod);
  const network = { cniVersion: '1.0.0', name: 'host', plugins: [] };
  return Promise.resolve({
    containerId: pod.metadata.uid ?? '',
    netns: `/run/netns/${nodeName}`,
    ips: addresses,
    network,
  });
}

/** Keeps the pod's process running and probed until `stopped`, or until it has ended for good. */
async function runContainers(
  pod: SandboxPod,
  sandbox: PodSandbox,
  context: PodWorkerContext,
  status: StatusWriter,
  stopped: AbortSignal,
): Promise<void> {
  const socket = join(context.socketDir, `${pod.metadata.uid}.sock`);
  const { containerId, ips } = sandbox;
  for (let restarts = 0; !stopped.aborted; restarts++) {
    const containers = await retry(pod, context, 'Failed', 'Error: failed to start container', stopped, () =>
      startContainers(pod, sandbox.netns, socket),
    );
    if (containers === undefined) return;
    const ended = new AbortController();
    const probing = AbortSignal.any([stopped, ended.signal]);
    status.set({ phase: 'Running', ips, containerId, restarts, startedAt: new Date().toISOString(), isReady: false });
    const probes = watchReadiness(pod, ips[0] ?? '', context, status, probing);
    const exitCode = await Promise.race([
      containers.ended.then(() => 1), // by itself it ends only by mistake
      aborted(stopped).then(() => 0),
      untilPlannedEnd(pod, probing),
    ]);
    ended.abort();
    await probes;
    await containers.stop();
    if (stopped.aborted) return;
    if (!isRestarted(pod, exitCode)) {
      const at = new Date().toISOString();
      const phase = exitCode === 0 ? 'Succeeded' : 'Failed';
      return status.set({ phase, isReady: false, reason: 'PodCompleted', ended: { exitCode, at } });
    }
    status.set({ isReady: false, reason: 'container ended' });
    const pauseMs = Math.min(BACKOFF_MS.first * 2 ** restarts, BACKOFF_MS.last);
    await systemClock.sleep(pauseMs, stopped).catch(() => undefined); // rejects on abort, which the loop looks at itself
  }
}

/** Resolves with the exit code that the containers' commands stand for; never, where they do not end. */
async function untilPlannedEnd(pod: SandboxPod, signal: AbortSignal): Promise<number> {
  const end = plannedEnd(pod);
  if (end === undefined) return new Promise<number>(() => undefined);
  await systemClock.sleep(end.afterMs, signal).catch(() => undefined); // nobody waits for it any more
  return end.exitCode;
}

/** Ready when every probed container is; at once where none has a probe. */
async function watchReadiness(
  pod: SandboxPod,
  ip: string,
  context: PodWorkerContext,
  status: StatusWriter,
  signal: AbortSignal,
): Promise<void> {
  const probed = (pod.spec.containers ?? []).flatMap(container =>
    container.readinessProbe?.httpGet === undefined ? [] : [{ container, probe: container.readinessProbe }],
  );
  const unready = new Map(probed.map(({ container }) => [container.name, 'not probed yet']));
  const tell = (): void =>
    status.set({
      isReady: unready.size === 0,
      ...(unready.size === 0 ? {} : { reason: [...unready.values()].join('; ') }),
    });
  tell();
  await Promise.all(
    probed.map(({ container, probe }) =>
      probeReadiness({
        container,
        probe,
        ip,
        signal,
        onVerdict(isReady, reason) {
          if (isReady) unready.delete(container.name);
          else unready.set(container.name, reason);
          if (!isReady) context.events.record(podReference(pod), 'Warning', 'Unhealthy', reason);
          tell();
        },
      }),
    ),
  );
}

/** A deleted pod's object goes only when its node says that nothing of it is left. */
export async function confirmDeletion(pod: SandboxPod, context: PodWorkerContext): Promise<void> {
  await retry(pod, context, 'FailedKillPod', 'error confirming deletion', undefined, async () => {
    try {
      const { uid } = pod.metadata;
      await context.client.delete(SANDBOX_PODS, pod.metadata, {
        gracePeriodSeconds: 0,
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      });
    } catch (error) {
      if (!['NotFound', 'Conflict'].includes(codeOf(error))) throw error;
    }
  });
}

/** Undefined when `stopped` came first. */
async function retry<T>(
  pod: SandboxPod,
  { events, log }: PodWorkerContext,
  reason: string,
  prefix: string,
  stopped: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T | undefined> {
  for (
    let backoffMs = BACKOFF_MS.first;
    stopped?.aborted !== true;
    backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.last)
  ) {
    try {
      return await attempt();
    } catch (error) {
      log.warn({ pod: `${pod.metadata.namespace}/${pod.metadata.name}`, error: messageOf(error) }, prefix);
      events.record(podReference(pod), 'Warning', reason, `${prefix}: ${messageOf(error)}`);
      await systemClock.sleep(backoffMs, stopped).catch(() => undefined); // rejects on abort, which the loop looks at itself
    }
  }
  return undefined;
}

function podReference(pod: SandboxPod): { kind: string; namespace: string; name: string; uid: string } {
  const { namespace, name, uid } = pod.metadata;
  return { kind: 'Pod', namespace: namespace ?? '', name, uid: uid ?? '' };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
