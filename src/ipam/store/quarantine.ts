import type { IPAllocation } from '#api';

/** Whether nobody may get a claim's address yet, since somebody else on the network answered for it. */
export function isQuarantined({ spec }: IPAllocation, now: number): boolean {
  return spec.policy === 'Quarantine' && now < endOf(spec.quarantine?.until);
}

/** Whether a quarantine has come to its end: the claim is whoever's who asks for the address. */
export function isQuarantineOver({ spec }: IPAllocation, now: number): boolean {
  return spec.policy === 'Quarantine' && now >= endOf(spec.quarantine?.until);
}

/**
 * What a pod's claim says once its address is in quarantine: nobody's any more, and still there, so that at no moment
 * anybody else can get the address. A merge patch of the spec.
 */
export function quarantinePatch({ owner }: IPAllocation['spec'], mac: string, until: number): Record<string, unknown> {
  const { network, interface: ifname, slot, ...whose } = owner;
  return {
    policy: 'Quarantine',
    quarantine: { mac, until: new Date(until).toISOString() },
    owner: { ...Object.fromEntries(Object.keys(whose).map(key => [key, null])), network, interface: ifname, slot },
  };
}

/** Without a time that can be read, it is over: nobody would ever end it. */
function endOf(until: string | undefined): number {
  const end = until === undefined ? Number.NaN : Date.parse(until);
  return Number.isNaN(end) ? 0 : end;
}
