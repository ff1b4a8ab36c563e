import type { CniIp, CniResult } from '#cni';
import type { Plan, PlanInput } from '../plugin.ts';
import type { LoopbackConfig } from './config.ts';

/** The kernel's name for it in every namespace, whatever name the runtime gives. */
const LOOPBACK = 'lo';
const ZERO_MAC = '00:00:00:00:00:00';

/** Brings `lo` up; a previous result passes through. */
export function planLoopback(input: PlanInput<LoopbackConfig>): Plan {
  return {
    wiring: [{ kind: 'link', place: 'pod', name: LOOPBACK, link: { type: 'existing' }, isUp: true }],
    result: input.prevResult ?? loopbackResult(input),
  };
}

function loopbackResult(input: PlanInput<LoopbackConfig>): CniResult {
  // The kernel gives 127.0.0.1/8 when the link comes up; ::1 only where IPv6 is switched on.
  const hasIpv6 = input.facts.pod.addresses.some(fact => fact.dev === LOOPBACK && fact.address === '::1/128');
  const ips: CniIp[] = [{ address: '127.0.0.1/8', interface: 0 }];
  if (hasIpv6) ips.push({ address: '::1/128', interface: 0 });
  return {
    interfaces: [{ name: LOOPBACK, mac: ZERO_MAC, sandbox: input.attachment.netns }],
    ips,
    routes: [],
    dns: {},
  };
}
