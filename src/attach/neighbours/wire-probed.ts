import type { Log } from '#base';
import type { Facts, LinkFact } from '#facts';
import { findIp } from '#ip';
import type { NetNamespace } from '#netns';
import { awaitCarrier, type ProbeOutcome, type ProbeTarget, probeAddresses } from '#probe';
import type { PlannedWiring } from '../add/planned-wiring.ts';
import type { NeighbourFinding } from '../deps.ts';
import { AttachError } from '../errors.ts';
import type { Kernel } from '../kernel.ts';
import { AddressConflict } from './address-conflict.ts';
import type { ProbedAddress } from './probed-address.ts';
import { splitBatch } from './split-batch.ts';

/** What {@link wireProbed} works with. */
export interface ProbeTools {
  readonly kernel: Kernel;
  readonly hostNs: NetNamespace;
  /** Journals wiring and makes it so. */
  make(batch: readonly PlannedWiring[]): Promise<void>;
  /** Told before it is refused. */
  readonly onNeighbour: (finding: NeighbourFinding) => void;
  readonly log: Log;
}

/** A cable takes this long to come up at most; without one nobody can be asked. */
const CARRIER_LIMIT_MS = 5_000;

/**
 * Makes what is planned in two steps: the links of all interfaces, then, when their neighbours know nothing of the
 * addresses and the gateways answer, what uses the addresses. All interfaces are asked at once.
 * @throws AddressConflict, AttachError GATEWAY_UNREACHABLE, with the links made; what `make` throws; NetlinkError, SysError;
 *   the signal's reason
 */
export async function wireProbed(
  batch: readonly PlannedWiring[],
  { kernel, hostNs, make, onNeighbour, log }: ProbeTools,
  signal: AbortSignal,
): Promise<void> {
  const { before, after } = splitBatch(batch);
  await make(before);
  const facts = kernel.facts();
  const questions = batch.flatMap(({ probed = [] }) =>
    probed.flatMap(one => {
      const place = placeOf(one, facts, { pod: kernel.podNs, host: hostNs });
      if (place === undefined)
        log.warn({ ifname: one.ifname }, 'Cannot ask about an address: its link has no neighbours');
      return place === undefined ? [] : [{ one, target: { ...place, ...questionOf(one) } }];
    }),
  );
  refuseOwn(questions, facts, onNeighbour);
  await awaitAll(questions, signal);
  const outcomes = await probeAddresses(
    questions.map(({ target }) => target),
    signal,
  );
  judge(
    questions.map(({ one }, index) => ({ one, outcome: outcomes[index] ?? {} })),
    onNeighbour,
  );
  await make(after);
}

interface Asked {
  readonly one: ProbedAddress;
  readonly target: ProbeTarget;
}

function questionOf({ address, detect }: ProbedAddress): Pick<ProbeTarget, 'address' | 'hasConflictProbe' | 'gateway'> {
  const ip = addressAlone(address.address);
  const { gateway } = address;
  // A next hop of the other family is none that this address could be used to ask for.
  const isAskable = gateway !== undefined && findIp(gateway)?.family === findIp(ip)?.family;
  return { address: ip, hasConflictProbe: detect.conflict, ...(detect.gateway && isAskable ? { gateway } : {}) };
}

/**
 * Where an address's neighbours are. Those of an ipvlan are its master's, whose MAC it has: until it has the address itself,
 * what comes back is not for it. One that routes has none.
 */
function placeOf(
  { ifname }: ProbedAddress,
  { pod, host }: Facts,
  spaces: { readonly pod: NetNamespace | undefined; readonly host: NetNamespace },
): Pick<ProbeTarget, 'ns' | 'ifindex' | 'mac'> | undefined {
  const link = pod.links.find(({ name }) => name === ifname);
  if (link?.kind !== 'ipvlan') return onLink(link, spaces.pod);
  if (link.ipvlanMode !== 'l2') return undefined;
  const isHere = link.linkNetnsid === undefined;
  const master = (isHere ? pod : host).links.find(({ ifindex }) => ifindex === link.linkIfindex);
  return onLink(master, isHere ? spaces.pod : spaces.host);
}

function onLink(
  link: LinkFact | undefined,
  ns: NetNamespace | undefined,
): Pick<ProbeTarget, 'ns' | 'ifindex' | 'mac'> | undefined {
  return link?.mac === undefined || ns === undefined ? undefined : { ns, ifindex: link.ifindex, mac: link.mac };
}

/** The node itself does not answer its own macvlan links. */
function refuseOwn(questions: readonly Asked[], { host }: Facts, tell: ProbeTools['onNeighbour']): void {
  const conflicts = questions.flatMap(({ one, target }) => {
    const own = target.hasConflictProbe
      ? host.addresses.find(({ address }) => addressAlone(address) === target.address)
      : undefined;
    const mac = host.links.find(({ name }) => name === own?.dev)?.mac;
    return mac === undefined ? [] : [{ one, mac }];
  });
  refuse(conflicts, tell);
}

async function awaitAll(questions: readonly Asked[], signal: AbortSignal): Promise<void> {
  const places = new Map<NetNamespace, Set<number>>();
  for (const { target } of questions) {
    places.set(target.ns, (places.get(target.ns) ?? new Set()).add(target.ifindex));
  }
  await Promise.all([...places].map(([ns, ifindexes]) => awaitCarrier(ns, [...ifindexes], CARRIER_LIMIT_MS, signal)));
}

function judge(
  answers: readonly { readonly one: ProbedAddress; readonly outcome: ProbeOutcome }[],
  tell: ProbeTools['onNeighbour'],
): void {
  const conflicts = answers.flatMap(({ one, outcome: { heldBy } }) =>
    heldBy === undefined ? [] : [{ one, mac: heldBy }],
  );
  refuse(conflicts, tell);
  const silent = answers.find(({ outcome }) => outcome.isGatewaySilent === true)?.one;
  if (silent === undefined) return;
  tell('gateway silent');
  throw new AttachError(
    'GATEWAY_UNREACHABLE',
    `Cannot attach network "${silent.network}": gateway ${silent.address.gateway} is unreachable by pod's interface ${silent.ifname}`,
    { retriable: true },
  );
}

function refuse(
  conflicts: readonly { readonly one: ProbedAddress; readonly mac: string }[],
  tell: ProbeTools['onNeighbour'],
): void {
  const [first] = conflicts;
  if (first === undefined) return;
  for (const _ of conflicts) tell('conflict');
  throw new AddressConflict(
    first.one.network,
    conflicts.map(({ one: { address, ifname }, mac }) => ({ address, ifname, mac })),
  );
}

function addressAlone(address: string): string {
  return address.split('/')[0] ?? address;
}
