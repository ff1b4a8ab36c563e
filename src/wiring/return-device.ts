import type { LinkFact } from '#facts';
import { findLink, listLinks, moveLink, setLink } from '#netlink';
import type { Handles } from './handles.ts';
import { isDevice } from './observe-link.ts';
import { describePlace } from './trace.ts';
import type { LinkItem, MovedKind } from './wiring.ts';

/**
 * Brings a device back to where it was taken from, under its name there and up if it was. The kernel gives a physical
 * device back by itself when the pod's namespace goes, under the pod's name or a made-up one: then it is looked for by
 * what it is. When somebody has taken its name there, it comes back under a free one, and the remark says so: better than
 * to be lost with the pod's namespace.
 */
export function returnDevice(
  item: LinkItem,
  link: MovedKind,
  previous: LinkItem,
  handles: Handles,
  remark: Remark,
): void {
  const home = handles[previous.place];
  if (home === undefined) return;
  const away = handles[item.place];
  // Between move and rename it may have been stopped under its old name.
  const taken = [item.name, previous.name]
    .map(name => (away === undefined ? undefined : findLink(away.socket, name)))
    .find(fact => fact !== undefined && isDevice(link, fact, item.mac));
  const links = listLinks(home.socket);
  const returned = taken === undefined ? findReturned(item, link, previous, links) : undefined;
  const device = taken ?? returned;
  if (device === undefined) return;
  const name = freeName(previous, device, links, remark);
  if (away !== undefined && taken !== undefined) moveLink(away.socket, taken.ifindex, home.ns, name);
  else if (device.name !== name) setLink(home.socket, device.ifindex, { isUp: false, name });
  const fact = findLink(home.socket, name);
  if (fact === undefined) return;
  const state = {
    ...(fact.isUp === previous.isUp ? {} : { isUp: previous.isUp }),
    ...(previous.mtu === undefined || fact.mtu === previous.mtu ? {} : { mtu: previous.mtu }),
    ...(previous.mac === undefined || fact.mac === previous.mac ? {} : { mac: previous.mac }),
  };
  if (Object.keys(state).length > 0) setLink(home.socket, fact.ifindex, state);
}

/** Is told what was not put back exactly as it was, and why. */
export type Remark = (text: string) => void;

/** The device's name, or where that is taken, one like those that the kernel makes up. */
function freeName(previous: LinkItem, device: LinkFact, links: readonly LinkFact[], remark: Remark): string {
  const others = new Map(links.filter(link => link !== device).map(link => [link.name, link]));
  const rival = others.get(previous.name);
  if (rival === undefined) return previous.name;
  let number = device.ifindex;
  while (others.has(`dev${number}`)) number++;
  const kind = rival.kind ?? 'physical';
  remark(
    `Device "${previous.name}" is back ${describePlace(previous)} as "dev${number}": a ${kind} link has its name by now, expected none; rename both to get it back`,
  );
  return `dev${number}`;
}

/** The device at home: under its own name, the one that it had in the pod, or one that the kernel made up. */
function findReturned(
  item: LinkItem,
  link: MovedKind,
  previous: LinkItem,
  links: readonly LinkFact[],
): LinkFact | undefined {
  const same = links.filter(fact => isDevice(link, fact, item.mac));
  const named = (name: string) => same.find(fact => fact.name === name);
  return named(previous.name) ?? named(item.name) ?? same.find(fact => /^dev\d+$/.test(fact.name));
}
