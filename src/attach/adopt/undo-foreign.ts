import { codeOf } from '#base';
import { isJsonObject } from '#cni';
import { isKnownIpam } from '#ipam';
import { findPlugin } from '#plugins';
import type { LinkKind } from '#wiring';
import { freeForeignAddresses } from '../addresses/host-local-store.ts';
import { type DelegateCall, runDelegate } from '../delegate.ts';
import type { AttachDeps } from '../deps.ts';
import { openKernel } from '../kernel.ts';

/**
 * Undoes what one plugin of an adopted attachment has done: what made it undoes it, also where we have a plugin of that name
 * ourselves. Where its program is gone and ours would do the same, the interface and node-local addresses go without it.
 * @throws as {@link runDelegate}
 */
export async function undoForeign(call: DelegateCall, deps: AttachDeps, signal: AbortSignal): Promise<void> {
  const { type } = call.segment;
  try {
    await runDelegate(call, 'DEL', deps, signal);
  } catch (error) {
    const plugin = findPlugin(type);
    if (codeOf(error) !== 'UNKNOWN_PLUGIN' || (plugin === undefined && !isKnownIpam(type))) throw error;
    deps.log.warn(
      { containerId: call.entry.key.containerId, plugin: type },
      'The program that made this is gone; undoing what is known of it',
    );
    if (plugin?.isChained === false) await deleteInterface(call, deps);
    await freeAddresses(call, deps, signal);
  }
}

/** Kinds that are made for a pod. Any other device is the node's, and the kernel gives it back when the pod's namespace ends. */
const MADE: Readonly<Record<string, LinkKind>> = {
  veth: { type: 'veth', peer: { place: 'host', name: '', isUp: true } },
  macvlan: { type: 'macvlan', master: '', masterPlace: 'host', mode: 'bridge' },
  ipvlan: { type: 'ipvlan', master: '', masterPlace: 'host', mode: 'l2' },
  vlan: { type: 'vlan', master: '', masterPlace: 'host', id: 1 },
  dummy: { type: 'dummy' },
};

async function deleteInterface({ entry, index }: DelegateCall, deps: AttachDeps): Promise<void> {
  const name = entry.attachments[index]?.ifname ?? '';
  using kernel = openKernel(deps.host, entry.netns);
  const kind = kernel.facts().pod.links.find(link => link.name === name)?.kind ?? '';
  const link = MADE[kind];
  if (link === undefined) return;
  await kernel.undo([{ op: 'create', item: { kind: 'link', place: 'pod', name, link, isUp: true } }], {
    isSharedInUse: () => false,
    onRemark: remark => deps.log.warn({ containerId: entry.key.containerId }, remark),
  });
}

async function freeAddresses(call: DelegateCall, deps: AttachDeps, signal: AbortSignal): Promise<void> {
  const { entry, index, segment } = call;
  const { ipam, name } = segment.config;
  const type = isJsonObject(ipam) ? ipam['type'] : undefined;
  if (!isJsonObject(ipam) || typeof type !== 'string' || type === '') return;
  const { containerId } = entry.key;
  if (type === 'host-local') {
    const dir = typeof ipam['dataDir'] === 'string' && ipam['dataDir'] !== '' ? ipam['dataDir'] : deps.hostLocalDir;
    const ifname = entry.attachments[index]?.ifname ?? '';
    const freed = freeForeignAddresses(dir, String(name), { containerId, ifname });
    deps.log.info({ containerId, network: name, addresses: freed }, 'Gave back addresses of the node');
    return;
  }
  // Called as an IPAM plugin by itself it does the same as through the one that is gone.
  if (segment.type !== type) return undoForeign({ ...call, segment: { ...segment, type, role: 'ipam' } }, deps, signal);
  if (type === 'static') return;
  deps.log.error(
    { containerId, network: name, ipam: type },
    'Its address cannot be given back here: whoever keeps the addresses of the cluster has to',
  );
}
