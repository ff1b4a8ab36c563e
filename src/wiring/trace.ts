import { formatVfSetting, RT_TABLE_MAIN } from '#netlink';
import { describeNft, nftCommand } from './trace-nft.ts';
import type { AddressItem, Change, LinkItem, LinkState, Place, RouteItem, RuleItem, WiringItem } from './wiring.ts';
/** One line: the command that would do the change; what is kept or replaced stands behind a `#`. */
export function formatChange(change: Change): string {
  switch (change.op) {
    case 'create':
      return formatItem(change.item);
    case 'replace':
      return `${commandOf(change.item, 'replace')} # was: ${describeItem(change.previous)}`;
    case 'keep':
      return `# already there: ${formatItem(change.item)}`;
  }
}

/** One line: the `ip`, `sysctl` or `nft` command that would make the item. The pod's namespace is called `pod`. */
export function formatItem(item: WiringItem): string {
  return commandOf(item, 'add');
}

/** `route 10.96.0.0/12 via 172.18.0.2 dev veth0`: the item without its place. */
export function describeItem(item: WiringItem): string {
  switch (item.kind) {
    case 'link':
      return `link ${describeLink(item)}`;
    case 'address':
      return `address ${item.address} dev ${item.dev}`;
    case 'route':
      return `route ${routeTerms(item)}`;
    case 'rule':
      return `rule ${ruleTerms(item)}`;
    case 'neighbour':
      return `neighbour ${item.address} dev ${item.dev} lladdr ${item.lladdr}`;
    case 'sysctl':
      return `sysctl ${item.path}=${item.value}`;
    case 'vf':
      return `vf ${item.vf} of ${item.dev}: ${formatVfSetting(item.setting)}`;
    case 'absent':
      return `no ${describeItem(item.what)}`;
    case 'nft-table':
    case 'nft-chain':
    case 'nft-rule':
      return describeNft(item);
  }
}

/** `in the pod`, `on the host` */
export function describePlace({ place }: { readonly place: Place }): string {
  return place === 'pod' ? 'in the pod' : 'on the host';
}

function commandOf(item: WiringItem, verb: 'add' | 'replace'): string {
  const ip = item.place === 'pod' ? 'ip -n pod' : 'ip';
  switch (item.kind) {
    case 'link':
      if (item.link.type === 'moved') {
        const from = item.link.fromPlace === 'pod' ? 'ip -n pod' : 'ip';
        return `${from} link set ${item.link.from} netns ${item.place} name ${item.name} ${stateTerms(item)}`;
      }
      return verb === 'replace' || item.link.type === 'existing'
        ? `${ip} link set ${item.name} ${stateTerms(item)}`
        : `${ip} link add ${describeLink(item)}`;
    case 'address':
      return `${ip} address ${verb} ${item.address} dev ${item.dev}${item.scope === undefined ? '' : ` scope ${item.scope}`}`;
    case 'route':
      return `${ip}${item.dst.includes(':') ? ' -6' : ''} route ${verb} ${routeTerms(item)}`;
    case 'rule':
      return `${ip}${item.family === 6 ? ' -6' : ''} rule ${verb} ${ruleTerms(item)}`;
    case 'neighbour':
      return `${ip} neighbour replace ${item.address} dev ${item.dev} lladdr ${item.lladdr} nud permanent`;
    case 'sysctl':
      return `${item.place === 'pod' ? 'ip netns exec pod ' : ''}sysctl -w ${item.path}=${item.value}`;
    case 'vf':
      return `${ip} link set ${item.dev} vf ${item.vf} ${formatVfSetting(item.setting)}`;
    case 'absent':
      return deleteCommand(item.what);
    case 'nft-table':
    case 'nft-chain':
    case 'nft-rule':
      return nftCommand(item);
  }
}

function deleteCommand(item: RouteItem | AddressItem): string {
  return commandOf(item, 'add').replace(/ (route|address) add /, ' $1 delete ');
}

function describeLink(item: LinkItem): string {
  const { link } = item;
  const state = stateTerms(item);
  switch (link.type) {
    case 'veth': {
      const netns = link.peer.place === item.place ? '' : ` netns ${link.peer.place}`;
      return `${item.name} ${state} type veth peer name ${link.peer.name} ${stateTerms(link.peer)}${netns}`;
    }
    case 'macvlan':
      return `${upon(item, link)} ${state} type macvlan mode ${link.mode}${term('bcqueuelen', link.bcQueueLen)}`;
    case 'ipvlan':
      return `${upon(item, link)} ${state} type ipvlan mode ${link.mode} ${link.flag ?? 'bridge'}`;
    case 'vlan':
      return `${upon(item, link)} ${state} type vlan${term('protocol', link.protocol)} id ${link.id}`;
    case 'bridge':
      return `${item.name} ${state} type bridge${link.hasVlanFiltering === true ? ' vlan_filtering 1' : ''}`;
    case 'dummy':
      return `${item.name} ${state} type dummy`;
    case 'moved':
      return `${item.name} ${state}, ${link.from} (${link.fromPlace}) until then`;
    case 'existing':
      return `${item.name} ${state}`;
  }
}

function upon(
  item: LinkItem,
  { master, masterPlace }: { readonly master: string; readonly masterPlace: Place },
): string {
  return `${item.name} link ${masterPlace === item.place ? master : `${master} (${masterPlace})`}`;
}

function stateTerms(end: LinkState): string {
  const switches = `${onOff('promisc', end.isPromiscuous)}${onOff('hairpin', end.isHairpin)}${onOff('isolated', end.isIsolated)}`;
  return `${end.isUp ? 'up' : 'down'}${term('mtu', end.mtu)}${term('address', end.mac)}${term('master', end.bridge)}${switches}${vlanTerms(end)}`;
}

function vlanTerms({ vlans }: LinkState): string {
  return vlans === undefined ? '' : ` vlans ${vlans.map(({ id }) => id).join()}`;
}

function onOff(name: string, isOn: boolean | undefined): string {
  return isOn === undefined ? '' : ` ${name} ${isOn ? 'on' : 'off'}`;
}

function routeTerms(route: RouteItem): string {
  const { via, moreVias = [], dev } = route;
  const table = route.table === RT_TABLE_MAIN ? undefined : route.table;
  const isShared = via !== undefined && moreVias.length > 0;
  return (
    `${route.dst}${isShared ? '' : `${term('via', via)} dev ${dev}`}${term('src', route.src)}` +
    `${term('table', table)}${term('scope', route.scope)}${term('metric', route.metric)}` +
    `${term('mtu', route.mtu)}${term('advmss', route.advmss)}` +
    // `ip` reads no further once it has come to the ways.
    (isShared ? [via, ...moreVias].map(gateway => ` nexthop via ${gateway} dev ${dev}`).join('') : '')
  );
}

function ruleTerms(rule: RuleItem): string {
  const mask = rule.fwmask === undefined ? '' : `/0x${rule.fwmask.toString(16)}`;
  const mark = rule.fwmark === undefined ? '' : ` fwmark 0x${rule.fwmark.toString(16)}${mask}`;
  return (
    `priority ${rule.priority} from ${rule.from ?? 'all'}${term('to', rule.to)}${term('iif', rule.iif)}` +
    `${mark} table ${rule.table}`
  );
}

function term(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : ` ${name} ${value}`;
}
