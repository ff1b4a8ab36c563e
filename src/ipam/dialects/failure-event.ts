import type { IpamConfig } from '../config/ipam-config.ts';
import { IpamError } from '../errors.ts';

/** What the users of a dialect look for among a pod's Events when it gets no address. */
export interface FailureEvent {
  readonly reason: string;
  readonly message: string;
}

/** As Kube-OVN's controller has it; nothing for other dialects, and for what is not about addresses. */
export function failureEvent({ dialect }: Pick<IpamConfig, 'dialect'>, error: unknown): FailureEvent | undefined {
  if (dialect !== 'kube-ovn' || !(error instanceof IpamError)) return undefined;
  const isUnbound = error.code === 'NO_POOL' && error.details['provider'] !== undefined;
  const [reason, stage] = isUnbound
    ? (['PodNetworkUpdateFailed', 'getPodKubeovnNets'] as const)
    : (['AcquireAddressFailed', 'acquireAddress'] as const);
  return { reason, message: `stage=${stage} error=${error.message}` };
}
