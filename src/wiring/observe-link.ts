import type { BridgeVlan, Facts, LinkFact, NsFacts } from '#facts';
import { differences, equal, type FieldPair, missing, type Observation } from './observation.ts';
import type { LinkItem, LinkKind, LinkState, MovedKind, Place, VethPeer } from './wiring.ts';

/**
 * Looks up a link. Kind, MAC, master, mode and peer of a link of ours are what it is: another value means that somebody
 * else has the name. Up, MTU and bridge are state, and so is the MAC of a bridge or of a link that is not ours.
 */
export function observeLink(item: LinkItem, facts: Facts): Observation {
  const fact = findLinkFact(facts, item.place, item.name);
  if (item.link.type === 'veth') return observeVeth(item, item.link.peer, fact, facts);
  if (fact === undefined) return item.link.type === 'moved' ? observeSource(item, item.link, facts) : missing;
  const foreign = strangeness(item, fact, facts);
  if (foreign !== '') return taken(item.name, item.place, fact, foreign);
  const hasMacState = ['bridge', 'existing', 'moved'].includes(item.link.type);
  const wrong = wrongState(item, fact, facts[item.place], hasMacState);
  if (wrong === '') return equal;
  return {
    state: 'different',
    actual: { ...sameLink(item, item.link), ...stateOf(item, fact, facts[item.place]) },
    wrong,
  };
}

/** A device that is still where it is to be taken from. */
function observeSource(item: LinkItem, link: MovedKind, facts: Facts): Observation {
  const source = findLinkFact(facts, link.fromPlace, link.from);
  if (source === undefined || !isDevice(link, source, item.mac)) return missing;
  return {
    state: 'different',
    actual: {
      kind: 'link',
      place: link.fromPlace,
      name: link.from,
      link: { type: 'existing' },
      isUp: source.isUp,
      ...(item.mtu === undefined ? {} : { mtu: source.mtu }),
      ...(item.mac === undefined || source.mac === undefined ? {} : { mac: source.mac }),
    },
    wrong: `it is ${placed(link.from, link.fromPlace)}`,
  };
}

/**
 * Whether it is the very device, under whatever name.
 * @param newMac the one that it is given here
 */
export function isDevice(link: MovedKind, fact: LinkFact, newMac: string | undefined): boolean {
  if (fact.kind !== link.deviceKind) return false;
  if (link.parentDevice !== undefined) return fact.parentDevice === link.parentDevice;
  return link.address === undefined || fact.mac === link.address || (newMac !== undefined && fact.mac === newMac);
}

function observeVeth(item: LinkItem, peer: VethPeer, fact: LinkFact | undefined, facts: Facts): Observation {
  const other = findLinkFact(facts, peer.place, peer.name);
  if (fact === undefined && other === undefined) return missing;
  if (fact === undefined || other === undefined) {
    const half = fact ?? other;
    if (half === undefined) return missing;
    const lost = fact === undefined ? item : peer;
    const [name, place] = fact === undefined ? [peer.name, peer.place] : [item.name, item.place];
    return taken(name, place, half, `its other end ${placed(lost.name, lost.place)} is missing`);
  }
  const foreign = strangeness(item, fact, facts) || vethStrangeness(fact, other, item.place === peer.place);
  if (foreign !== '') return taken(item.name, item.place, fact, foreign);
  const foreignPeer = differences([
    ['kind', other.kind, 'veth'],
    ['mac', peer.mac === undefined ? undefined : other.mac, peer.mac],
  ]);
  if (foreignPeer !== '') return taken(peer.name, peer.place, other, foreignPeer);
  const peerNs = facts[peer.place];
  const wrong = [wrongState(item, fact, facts[item.place], false), wrongState(peer, other, peerNs, false)];
  if (wrong.every(text => text === '')) return equal;
  const actualPeer: VethPeer = { place: peer.place, name: peer.name, ...stateOf(peer, other, peerNs) };
  return {
    state: 'different',
    actual: { ...sameLink(item, { type: 'veth', peer: actualPeer }), ...stateOf(item, fact, facts[item.place]) },
    wrong: wrong.filter(text => text !== '').join(', '),
  };
}

function strangeness(item: LinkItem, fact: LinkFact, facts: Facts): string {
  const { link } = item;
  if (link.type === 'existing') return '';
  if (link.type === 'moved') {
    return isDevice(link, fact, item.mac) ? '' : `it has MAC ${fact.mac ?? 'none'}, expected ${link.address ?? 'any'}`;
  }
  const pairs: FieldPair[] = [['kind', fact.kind, link.type]];
  if (link.type === 'bridge' && link.hasVlanFiltering === true) {
    pairs.push(['vlan_filtering', onOff(fact.hasVlanFiltering), 'on']);
  }
  if (item.mac !== undefined && link.type !== 'bridge') pairs.push(['mac', fact.mac, item.mac]);
  if ('master' in link) {
    pairs.push(...kindPairs(link, fact));
    const master = findLinkFact(facts, link.masterPlace, link.master);
    if (fact.kind === link.type && fact.linkIfindex !== master?.ifindex) {
      pairs.push(['master index', fact.linkIfindex, master?.ifindex ?? `that of "${link.master}"`]);
    }
  }
  return differences(pairs);
}

function kindPairs(link: Extract<LinkKind, { readonly master: string }>, fact: LinkFact): FieldPair[] {
  switch (link.type) {
    case 'macvlan':
      return [['mode', fact.macvlanMode, link.mode]];
    case 'ipvlan':
      return [
        ['mode', fact.ipvlanMode, link.mode],
        ['flag', fact.ipvlanFlag, link.flag ?? 'bridge'],
      ];
    case 'vlan':
      return [
        ['id', fact.vlanId, link.id],
        ['protocol', fact.vlanProtocol, link.protocol ?? '802.1Q'],
      ];
  }
}

function vethStrangeness(fact: LinkFact, other: LinkFact, isOnePlace: boolean): string {
  return differences([
    ['peer index', fact.linkIfindex, other.ifindex],
    ["peer's peer index", other.linkIfindex, fact.ifindex],
    ['peer in the same namespace', fact.linkNetnsid === undefined, isOnePlace],
  ]);
}

function wrongState(wanted: LinkState, fact: LinkFact, ns: NsFacts, hasMacState: boolean): string {
  return differences([
    ['state', fact.isUp ? 'up' : 'down', wanted.isUp ? 'up' : 'down'],
    ['mtu', wanted.mtu === undefined ? undefined : fact.mtu, wanted.mtu],
    ['mac', wanted.mac === undefined || !hasMacState ? undefined : fact.mac, hasMacState ? wanted.mac : undefined],
    ['bridge', wanted.bridge === undefined ? undefined : bridgeOf(fact, ns), wanted.bridge],
    ...vlanPairs(wanted, fact),
    ...SWITCHES.flatMap(([field, name]): FieldPair[] =>
      wanted[field] === undefined ? [] : [[name, onOff(fact[field]), onOff(wanted[field])]],
    ),
  ]);
}

/** VLANs are read only where somebody looks for them. */
function vlanPairs(wanted: LinkState, fact: LinkFact): FieldPair[] {
  if (wanted.vlans === undefined || fact.vlans === undefined) return [];
  return [['vlans', vlanText(fact.vlans), vlanText(wanted.vlans)]];
}

function vlanText(vlans: readonly BridgeVlan[]): string {
  const texts = vlans
    .toSorted((a, b) => a.id - b.id)
    .map(
      ({ id, isPvid, isUntagged }) => `${id}${isPvid === true ? ' pvid' : ''}${isUntagged === true ? ' untagged' : ''}`,
    );
  return texts.length === 0 ? 'none' : texts.join(' and ');
}

/** What is on or off about a link, and its name in messages. */
const SWITCHES = [
  ['isPromiscuous', 'promisc'],
  ['isHairpin', 'hairpin'],
  ['isIsolated', 'isolated'],
] as const;

function onOff(isOn: boolean | undefined): 'on' | 'off' {
  return isOn === true ? 'on' : 'off';
}

/** The state there is, of the fields that are wanted. No `bridge` where one is wanted means: a port of none. */
function stateOf(wanted: LinkState, fact: LinkFact, ns: NsFacts): LinkState {
  const bridge = wanted.bridge === undefined ? undefined : bridgeOf(fact, ns);
  return {
    isUp: fact.isUp,
    ...(wanted.mtu === undefined ? {} : { mtu: fact.mtu }),
    ...(wanted.mac === undefined || fact.mac === undefined ? {} : { mac: fact.mac }),
    ...(bridge === undefined ? {} : { bridge }),
    ...(wanted.vlans === undefined || fact.vlans === undefined ? {} : { vlans: fact.vlans }),
    ...Object.fromEntries(
      SWITCHES.flatMap(([field]) => (wanted[field] === undefined ? [] : [[field, fact[field] === true]])),
    ),
  };
}

/** The link without its state, and without its key: a previous state is nobody's to share. */
function sameLink(item: LinkItem, link: LinkKind): Pick<LinkItem, 'kind' | 'place' | 'name' | 'link'> {
  return { kind: 'link', place: item.place, name: item.name, link };
}

function bridgeOf(fact: LinkFact, ns: NsFacts): string | undefined {
  if (fact.masterIfindex === undefined) return undefined;
  return ns.links.find(link => link.ifindex === fact.masterIfindex)?.name ?? `index ${fact.masterIfindex}`;
}

function findLinkFact(facts: Facts, place: Place, name: string): LinkFact | undefined {
  return facts[place].links.find(link => link.name === name);
}

function taken(name: string, place: Place, fact: LinkFact, why: string): Observation {
  return { state: 'taken', what: `${placed(name, place)} is a ${fact.kind ?? 'physical'} link: ${why}` };
}

function placed(name: string, place: Place): string {
  return `"${name}" ${place === 'pod' ? 'in the pod' : 'on the host'}`;
}
