import type { LinkFact } from '#facts';
import { findLink, listLinks, moveLink, setLink } from '#netlink';
import type { Handles } from './handles.ts';
import { isDevice } from './observe-link.ts';
import type { LinkItem, MovedKind } from './wiring.ts';

/**
 * Brings a device back to where it was taken from, under its name there and up if it was. The kernel gives a physical
 * device back by itself when the pod's namespace goes, under the pod's name or a made-up one: then it is looked for by
 * what it is.
 */
export function returnDevice(item: LinkItem, link: MovedKind, previous: LinkItem, handles: Handles): void {
  const home = handles[previous.place];
  if (home === undefined) return;
  const away = handles[item.place];
  // Between move and rename it may have been stopped under its old name.
  const taken = [item.name, previous.name]
    .map(name => (away === undefined ? undefined : findLink(away.socket, name)))
    .find(fact => fact !== undefined && isDevice(link, fact));
  if (away !== undefined && taken !== undefined) {
    moveLink(away.socket, taken.ifindex, home.ns, previous.name);
  } else {
    const fact = findReturned(item, link, previous, listLinks(home.socket));
    if (fact === undefined) return;
    if (fact.name !== previous.name) setLink(home.socket, fact.ifindex, { isUp: false, name: previous.name });
  }
  const fact = findLink(home.socket, previous.name);
  if (fact === undefined) return;
  const state = {
    ...(fact.isUp === previous.isUp ? {} : { isUp: previous.isUp }),
    ...(previous.mtu === undefined || fact.mtu === previous.mtu ? {} : { mtu: previous.mtu }),
    ...(previous.mac === undefined || fact.mac === previous.mac ? {} : { mac: previous.mac }),
  };
  if (Object.keys(state).length > 0) setLink(home.socket, fact.ifindex, state);
}

/** The device at home: under its own name, the one that it had in the pod, or one that the kernel made up. */
function findReturned(
  item: LinkItem,
  link: MovedKind,
  previous: LinkItem,
  links: readonly LinkFact[],
): LinkFact | undefined {
  const same = links.filter(fact => isDevice(link, fact));
  const named = (name: string) => same.find(fact => fact.name === name);
  return named(previous.name) ?? named(item.name) ?? same.find(fact => /^dev\d+$/.test(fact.name));
}
