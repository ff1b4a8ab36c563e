import * as z from 'zod/mini';
import type { BridgeVlan } from '#facts';
import { vlanId } from '../vlan-id.ts';

/** Where a bridge puts a new port (`vlan_default_pvid`). */
const DEFAULT_VLAN = 1;

const ENTRY = 'objects with id, or with minID and maxID';

/** Schema of `vlanTrunk`: VLANs that pass with their tags, one by one or from one to another. */
export const vlanTrunk = () =>
  z.array(
    z
      .strictObject(
        { id: z.optional(vlanId(1)), minID: z.optional(vlanId(1)), maxID: z.optional(vlanId(1)) },
        { error: ENTRY },
      )
      .check(
        z.refine(
          ({ id, minID, maxID }) =>
            (minID === undefined) === (maxID === undefined) &&
            (id !== undefined || minID !== undefined) &&
            (minID ?? 0) <= (maxID ?? 0),
          { error: ENTRY },
        ),
      ),
    { error: `a list of ${ENTRY}` },
  );

type Trunk = z.output<ReturnType<typeof vlanTrunk>>;

/** What the pod's port carries, in order. Empty when the config speaks of no VLAN. */
export function portVlans(vlan: number, trunk: Trunk, keepsDefault: boolean): readonly BridgeVlan[] {
  if (vlan === 0 && trunk.length === 0) return [];
  const vlans = new Map<number, BridgeVlan>();
  for (const { id, minID, maxID } of trunk) {
    if (id !== undefined) vlans.set(id, { id });
    if (minID === undefined || maxID === undefined) continue;
    for (let each = minID; each <= maxID; each++) vlans.set(each, { id: each });
  }
  if (keepsDefault && !vlans.has(DEFAULT_VLAN)) vlans.set(DEFAULT_VLAN, { id: DEFAULT_VLAN, isUntagged: true });
  // A trunk alone: what has no tag is in the default VLAN, whether that is to be kept or not.
  const native = vlan === 0 ? DEFAULT_VLAN : vlan;
  vlans.set(native, { id: native, isPvid: true, isUntagged: true });
  return [...vlans.values()].sort((a, b) => a.id - b.id);
}
