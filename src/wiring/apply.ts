import { codeOf, messageOf } from '#base';
import {
  addAddress,
  addRoute,
  addRule,
  deleteAddress,
  deleteRoute,
  NetlinkError,
  replaceNeighbour,
  setVf,
} from '#netlink';
import { readSysctl, writeSysctl } from '#netns';
import type { Announce } from './announce.ts';
import { applyLink } from './apply-link.ts';
import { applyNft } from './apply-nft.ts';
import { WiringError } from './errors.ts';
import type { Handles } from './handles.ts';
import { createKernelPlaces, type KernelPlaces, type SeenLinks } from './kernel-places.ts';
import { routeSpec, ruleSpec } from './netlink-spec.ts';
import { createRisingLinks, deviceNeededUp, type RisingLinks } from './rising-links.ts';
import { formatChange } from './trace.ts';
import type { AddressItem, Change, RouteItem, RuleItem, SysctlItem, WiringItem } from './wiring.ts';

export interface ApplyOptions {
  /** Called before every single kernel change with its number from 0. What it throws stops the apply there: for fault tests. */
  readonly onStep?: (step: number) => void;
  /** The links that the diff saw, in the same turn of the event loop. Without them each is asked for. */
  readonly links?: SeenLinks;
}

/**
 * Makes the changes, in order. Synchronous, so nothing of this process comes between two of them.
 * The only code that changes the kernel, with `undoChanges`.
 *
 * Stops at the first failure and leaves what is made so far: `undoChanges` of the same changes removes it.
 * A shared item that another attachment has made since the diff is taken as it is.
 *
 * @throws WiringError FACTS_STALE (retriable: read facts, diff and apply again) when a master, a bridge or a device has
 *   gone or a name has been taken since the facts were read, POD_NAMESPACE_MISSING, APPLY_FAILED for what the kernel
 *   refused
 */
export function applyChanges(changes: readonly Change[], handles: Handles, options: ApplyOptions = {}): void {
  const places = createKernelPlaces(handles, options.links);
  let step = 0;
  const announce: Announce = () => options.onStep?.(step++);
  const rising = createRisingLinks();
  for (const change of changes) {
    if (change.op === 'keep') continue;
    try {
      const dev = deviceNeededUp(change);
      if (dev !== undefined) rising.raise(change.item.place, dev);
      applyChange(change, places, announce, (place, name, up) => rising.defer(place, name, () => attempt(change, up)));
    } catch (error) {
      throw toApplyError(change, error);
    }
  }
  rising.raiseAll();
}

function attempt(change: Change, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw toApplyError(change, error);
  }
}

function applyChange(change: Change, places: KernelPlaces, announce: Announce, defer: RisingLinks['defer']): void {
  const { item } = change;
  switch (item.kind) {
    case 'link':
      applyLink(item, change, places, announce, defer);
      return;
    case 'address':
      applyAddress(item, change, places, announce);
      return;
    case 'route':
      applyRoute(item, change.op === 'replace', places, announce);
      return;
    case 'rule':
      applyRule(item, places, announce);
      return;
    case 'neighbour': {
      const ifindex = places.ifindex(item.place, item.dev);
      announce();
      replaceNeighbour(places.at(item.place).socket, { ifindex, address: item.address, lladdr: item.lladdr });
      return;
    }
    case 'sysctl':
      applySysctl(item, places, announce);
      return;
    case 'nft-table':
    case 'nft-chain':
    case 'nft-rule':
      applyNft(item, places.at(item.place), announce);
      return;
    case 'vf': {
      const ifindex = places.ifindex(item.place, item.dev);
      announce();
      setVf(places.at(item.place).socket, ifindex, item.vf, item.setting);
      return;
    }
    case 'absent':
      if (change.op === 'replace') removeFound(change.previous, places, announce);
      return;
  }
}

function applyAddress(item: AddressItem, change: Change, places: KernelPlaces, announce: Announce): void {
  const { socket } = places.at(item.place);
  const ifindex = places.ifindex(item.place, item.dev);
  const scope = item.scope === undefined ? {} : { scope: item.scope };
  if (change.op === 'replace') {
    // The kernel cannot change the scope of an address.
    announce();
    deleteAddress(socket, { ifindex, address: item.address });
  }
  announce();
  toleratePresent(
    () => addAddress(socket, { ifindex, address: item.address, ...scope }),
    () => places.has(item),
  );
}

function applyRoute(item: RouteItem, isReplace: boolean, places: KernelPlaces, announce: Announce): void {
  const { socket } = places.at(item.place);
  const spec = routeSpec(item, places.ifindex(item.place, item.dev));
  announce();
  toleratePresent(
    () => addRoute(socket, spec, { replace: isReplace }),
    () => places.has(item),
  );
}

function applyRule(item: RuleItem, places: KernelPlaces, announce: Announce): void {
  const { socket } = places.at(item.place);
  announce();
  toleratePresent(
    () => addRule(socket, ruleSpec(item)),
    () => places.has(item),
  );
}

/** Deletes what an absent item found. Gone by itself is as good. */
function removeFound(found: WiringItem, places: KernelPlaces, announce: Announce): void {
  if (found.kind !== 'route' && found.kind !== 'address') return;
  const { socket } = places.at(found.place);
  const ifindex = places.ifindex(found.place, found.dev);
  announce();
  try {
    if (found.kind === 'route') deleteRoute(socket, routeSpec(found, ifindex));
    else deleteAddress(socket, { ifindex, address: found.address });
  } catch (error) {
    if (!['ESRCH', 'EADDRNOTAVAIL'].includes(codeOf(error))) throw error;
  }
}

function applySysctl(item: SysctlItem, places: KernelPlaces, announce: Announce): void {
  const { ns } = places.at(item.place);
  announce();
  try {
    writeSysctl(ns, item.path, item.value);
  } catch (error) {
    const hasNoIpv6 = item.path.startsWith('net/ipv6/') && readSysctl(ns, IPV6_WITNESS) === undefined;
    // A kernel without IPv6 does none of what the sysctl would forbid or allow.
    if (codeOf(error) !== 'ENOENT' || !hasNoIpv6) throw error;
  }
}

/** There exactly when the kernel has IPv6. */
const IPV6_WITNESS = 'net/ipv6/conf/all/forwarding';

/** Somebody was faster than us between facts and apply. If it is the very same thing, all is well. */
function toleratePresent(make: () => void, isAlreadyThere: () => boolean): void {
  try {
    make();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !isAlreadyThere()) throw error;
  }
}

/** Codes that say "the kernel is not as the facts had it": a device has gone, or a name or a place is taken. */
const STALE_CODES: readonly string[] = ['FACTS_STALE', 'ENODEV', 'EEXIST'];

function toApplyError(change: Change, error: unknown): WiringError {
  // Already said of the link that had to come up first.
  if (error instanceof WiringError && error.details['step'] !== undefined) return error;
  // The step is named by its interface; what netlink was asked has its number, another one with each try and so another Event.
  const why = error instanceof NetlinkError ? error.refusal : messageOf(error);
  const message = `Cannot apply "${formatChange(change)}": ${why}`;
  const details = {
    place: change.item.place,
    kind: change.item.kind,
    step: formatChange(change),
    cause: codeOf(error),
  };
  if (error instanceof WiringError && error.code === 'POD_NAMESPACE_MISSING') {
    return new WiringError('POD_NAMESPACE_MISSING', message, { cause: error, details });
  }
  const isStale = STALE_CODES.includes(codeOf(error));
  return new WiringError(isStale ? 'FACTS_STALE' : 'APPLY_FAILED', message, {
    cause: error,
    details,
    retriable: isStale,
  });
}
