import type { NsFacts } from '#facts';
import { readNftables } from '#netlink';
import type { PlaceHandle } from './handles.ts';
import { requiredNftables } from './required-nftables.ts';
import type { Place, Wiring } from './wiring.ts';

/** The facts of those nftables tables that a wiring touches in one place; none, and nothing asked, when it touches none. */
export function readWiredNftables(handle: PlaceHandle, wiring: Wiring, place: Place): Pick<NsFacts, 'nftables'> {
  const tables = requiredNftables(wiring, place);
  return tables.length === 0 ? {} : { nftables: readNftables(handle.nftables(), tables) };
}
