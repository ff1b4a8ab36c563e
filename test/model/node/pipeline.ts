import type { AttachDeps, JournalEntry } from '#attach';
import type { CniRequest } from '#cni';
import { emptyResult } from '#cni';
import type { AddRequest } from '../../../src/attach/add/add-request.ts';
import { allOrNothing, type Make } from '../../../src/attach/add/all-or-nothing.ts';
import type { BusyOwners } from '../../../src/attach/addresses/busy-owners.ts';
import { holdLeases } from '../../../src/attach/addresses/reassert.ts';
import { type LeasedSteps, takeAddresses } from '../../../src/attach/addresses/take-addresses.ts';
import { entryId, holdsClaim } from '../../../src/attach/journal/entry.ts';
import { AddressConflict } from '../../../src/attach/neighbours/address-conflict.ts';
import { probedOf } from '../../../src/attach/neighbours/probed-address.ts';
import { podOf } from '../../../src/attach/pod.ts';
import { deleteEntry } from '../../../src/attach/undo.ts';
import { finishEntry } from '../../../src/attach/verbs/finish.ts';
import { keyOf, refOf } from '../../../src/attach/verbs/request-keys.ts';
import type { Life, Machine } from './machine.ts';
import type { Neighbours } from './neighbours.ts';
import { planNetworks } from './plan-networks.ts';

/** ADD and DEL, made of the pipeline's own parts. Each is called in its turn. */
export interface Pipeline {
  add(cni: CniRequest, hangUp: AbortSignal): Promise<void>;
  delete(cni: CniRequest): Promise<void>;
  /** Undoes what was to be undone before. */
  finish(entry: JournalEntry): Promise<void>;
  reassert(entry: JournalEntry): Promise<void>;
}

export interface PipelineOptions {
  readonly deps: AttachDeps & { readonly cluster: NonNullable<AttachDeps['cluster']> };
  readonly machine: Machine;
  readonly life: Life;
  readonly neighbours: Neighbours;
  readonly owners: BusyOwners;
  /** Resolves when a slow thing on the node is done, or rejects when it fails. */
  readonly slowly: (what: string, canFail: boolean) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Only what touches the kernel is left out: an ADD takes its addresses, asks the network for them, makes its interfaces in one
 * step that may fail, and is journalled as the pipeline does it.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { deps, machine, life, neighbours, owners, slowly, signal } = options;
  const { journal, cluster, api } = deps;

  /** What an entry made on the node goes before its addresses do. */
  async function unwire({ nonce, key }: JournalEntry): Promise<void> {
    if (!machine.wired.has(nonce)) return;
    await slowly(`unwire ${key.containerId}`, false);
    if (life.beat()) machine.wired.delete(nonce);
  }

  const make: Make = async (request, draft, undoList, _deps, hangUp) => {
    try {
      const leased = await takeAddresses(request, draft, undoList, deps, hangUp);
      draft.commit('adding');
      await probe(request, draft.entry, leased);
      begin(draft.entry);
      await slowly(`wire ${request.cni.containerId}`, true);
      hangUp.throwIfAborted();
      draft.commit('added');
      return emptyResult;
    } catch (error) {
      await unwire(draft.entry);
      throw error;
    }
  };

  /** The interfaces are there, or may be. */
  function begin({ nonce, key, attachments }: JournalEntry): void {
    if (!life.beat()) return;
    machine.wired.add(nonce);
    if (deps.detect === undefined) return;
    const others = journal.list().filter(entry => entryId(entry.key) !== entryId(key));
    for (const lease of attachments.flatMap(({ leases }) => leases)) {
      // Those would answer who have it rightly: another sandbox of the pod, or the pod that a virtual machine comes from.
      if (lease.kind !== 'claim' || lease.spec.heir !== undefined) continue;
      if (!others.some(entry => holdsClaim(entry, lease.ref.name))) neighbours.use(alone(lease.spec.address), nonce);
    }
  }

  /** @throws AddressConflict */
  async function probe({ plans, cni }: AddRequest, { nonce }: JournalEntry, leased: LeasedSteps): Promise<void> {
    const { containerId } = cni;
    const probed = plans.flatMap((plan, index) =>
      [...(leased[index]?.values() ?? [])].flatMap(({ addresses }) => probedOf(addresses, plan, containerId, deps)),
    );
    if (probed.length === 0) return;
    await slowly(`probe ${containerId}`, false);
    const asking = { nonce, text: `${machine.name}: probe ${containerId}` };
    const conflicts = probed.flatMap(({ address, ifname }) => {
      const mac = neighbours.ask(alone(address.address), asking);
      return mac === undefined ? [] : [{ address, ifname, mac }];
    });
    if (conflicts.length > 0) throw new AddressConflict(probed[0]?.network ?? '', conflicts);
  }

  async function undo(entry: JournalEntry): Promise<void> {
    await unwire(entry);
    await deleteEntry(entry, deps, signal);
  }

  return {
    async add(cni, hangUp) {
      hangUp.throwIfAborted();
      const key = keyOf(cni);
      let leave: (() => void) | undefined;
      try {
        const former = journal.find(key);
        if (former !== undefined) await undo(former);
        const pod = await podOf(cni, deps, hangUp);
        const ref = refOf(pod, cni);
        leave = owners.enter(ref?.uid ?? cni.containerId);
        const nads = api === undefined ? undefined : { cache: api.nads, client: api.client };
        const plans = pod === undefined || nads === undefined ? [] : await planNetworks(pod, nads, hangUp);
        const whose = ref === undefined ? {} : { pod: ref };
        const request = { cni, key, plans, ...whose, ...(pod === undefined ? {} : { podObject: pod }) };
        await allOrNothing(make, request, deps, hangUp);
      } finally {
        leave?.();
      }
    },
    async delete(cni) {
      const entry = journal.find(keyOf(cni));
      if (entry !== undefined) await undo(entry);
    },
    async finish(entry) {
      const current = journal.find(entry.key);
      if (current !== undefined && current.nonce === entry.nonce) await unwire(current);
      await finishEntry(entry, deps, signal);
    },
    async reassert({ key }) {
      const entry = journal.find(key);
      if (entry?.state !== 'added') return;
      const onLost = (_ifname: string, { ref }: { readonly ref: { readonly name: string } }): void => {
        if (life.beat()) machine.down.add(`${entry.nonce}/${ref.name}`);
      };
      const changed = await holdLeases(entry, cluster.store, onLost, deps.log, signal);
      if (changed !== entry) journal.put(changed);
    },
  };
}

/** An address without its prefix length. */
function alone(address: string): string {
  return address.split('/')[0] ?? address;
}
