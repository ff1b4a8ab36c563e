import { systemClock } from '#base';
import { dial } from '../pod/dial.ts';
import type { Container, Probe } from '../resources.ts';

export interface ReadinessOptions {
  readonly container: Container;
  readonly probe: Probe;
  readonly ip: string;
  /** Called when the verdict changes, and with each failure's reason. */
  readonly onVerdict: (isReady: boolean, reason: string) => void;
  readonly signal: AbortSignal;
}

/** Probes a container from the node's own network until aborted, with the timing and thresholds that kubelet documents. */
export async function probeReadiness({ container, probe, ip, onVerdict, signal }: ReadinessOptions): Promise<void> {
  const target = {
    host: ip,
    port: resolvePort(container, probe.httpGet?.port ?? 80),
    path: probe.httpGet?.path ?? '/',
  };
  const headers = Object.fromEntries((probe.httpGet?.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  let successes = 0;
  let failures = 0;
  let isReady = false;
  try {
    await systemClock.sleep((probe.initialDelaySeconds ?? 0) * 1000, signal);
    for (;;) {
      const outcome = await dial({ ...target, timeoutMs }, { 'user-agent': 'kube-probe/sandbox', ...headers });
      if (signal.aborted) return;
      const isSuccess = 'status' in outcome && outcome.status >= 200 && outcome.status < 400;
      successes = isSuccess ? successes + 1 : 0;
      failures = isSuccess ? 0 : failures + 1;
      if (!isReady && successes >= (probe.successThreshold ?? 1)) {
        isReady = true;
        onVerdict(true, '');
      } else if (!isSuccess && (!isReady || failures >= (probe.failureThreshold ?? 3))) {
        isReady = false;
        onVerdict(
          false,
          `Readiness probe failed: ${'status' in outcome ? `HTTP probe failed with statuscode: ${outcome.status}` : outcome.error}`,
        );
      }
      await systemClock.sleep((probe.periodSeconds ?? 10) * 1000, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A probe may name one of the container's ports. */
export function resolvePort(container: Container, port: number | string): number {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
}
