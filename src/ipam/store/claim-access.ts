import { type ClaimOwner, IP_ALLOCATIONS, type IPAllocation, NODE_LABEL, POD_LABEL, PODS, stateOf } from '#api';
import { type Clock, codeOf } from '#base';
import type { KubeClient } from '#kube';
import { isNotFound, orAbsent, withRetries } from '../api-retry.ts';
import { podLabel, refOf } from './claim-object.ts';
import { isHeir, isSameOwner, isSamePod, mayMigrate } from './claim-owner.ts';
import type { ClaimRef } from './claim-store.ts';
import type { KnownClaims } from './known-claims.ts';
import { labelHash } from './label-hash.ts';
import { isQuarantineOver, quarantinePatch } from './quarantine.ts';

/** What became of an attempt to hold one name. */
export type Attempt =
  | { readonly kind: 'held'; readonly object: IPAllocation; readonly isNew: boolean }
  | { readonly kind: 'taken'; readonly holder: IPAllocation };

/** Single claims on the API server; every method can be repeated, whatever became of the attempt before. */
export interface ClaimAccess {
  /** Creates the object, or finds that its owner, or somebody else, has the name already. An IPAMClaim's goes over from a pod that has ended, or is about to. */
  hold(desired: IPAllocation, signal?: AbortSignal): Promise<Attempt>;
  /**
   * As {@link hold}, for a pod that had the name before: what went over to another pod since stays there, unless that one has
   * ended and this one lives, as after a restore from a backup. Two pods of one virtual machine that both live share it.
   */
  holdAgain(desired: IPAllocation, uid: string, signal?: AbortSignal): Promise<Attempt>;
  /** Makes a claim of the desired owner say what it should say now. undefined when the owner does not have it any more. */
  refresh(found: IPAllocation, desired: IPAllocation, signal?: AbortSignal): Promise<IPAllocation | undefined>;
  /** Makes the desired owner's pod the heir of a claim that a live pod of the same owner has. undefined when it cannot be. */
  inherit(found: IPAllocation, desired: IPAllocation, signal?: AbortSignal): Promise<IPAllocation | undefined>;
  /** Makes the heir of a claim its owner, if both pods are still as they were. */
  handOver(found: IPAllocation, signal?: AbortSignal): Promise<boolean>;
  get(name: string, signal?: AbortSignal): Promise<IPAllocation | undefined>;
  release(claim: ClaimRef, signal?: AbortSignal): Promise<'released' | 'gone' | 'changed'>;
  /** Makes a claim nobody's until then. Nothing when the object has gone, or is another one by now. */
  quarantine(claim: ClaimRef, mac: string, until: number, signal?: AbortSignal): Promise<void>;
}

export interface ClaimAccessOptions {
  readonly client: KubeClient;
  readonly known: KnownClaims;
  readonly clock: Clock;
}

/** Whether an object of the desired owner is its to have; only an IPAMClaim's may be another pod's. */
type IsOurs = (holder: IPAllocation) => boolean | Promise<boolean>;

/** A name whose holder changes between create and get this often is fought over: not worth more of an ADD's time. */
const HOLD_ATTEMPTS = 5;

/** Access by `client`; what it learns is noted in `known`. Calls reject with ApiError, or their signal's reason. */
export function createClaimAccess({ client, known, clock }: ClaimAccessOptions): ClaimAccess {
  function get(name: string, signal?: AbortSignal): Promise<IPAllocation | undefined> {
    const options = signal === undefined ? {} : { signal };
    return withRetries(() => orAbsent(client.get(IP_ALLOCATIONS, { name }, options)), clock, signal);
  }

  /** undefined: the name exists. */
  async function create(desired: IPAllocation, signal?: AbortSignal): Promise<IPAllocation | undefined> {
    try {
      return await client.create(IP_ALLOCATIONS, desired, signal === undefined ? {} : { signal });
    } catch (error) {
      if (codeOf(error) === 'AlreadyExists') return undefined;
      throw error;
    }
  }

  async function hold(desired: IPAllocation, signal: AbortSignal | undefined, isOurs: IsOurs): Promise<Attempt> {
    const { name } = desired.metadata;
    let holder: IPAllocation | undefined;
    for (let attempt = 0; attempt < HOLD_ATTEMPTS; attempt++) {
      signal?.throwIfAborted();
      let calls = 0;
      const call = (): Promise<IPAllocation | undefined> => {
        calls++;
        return create(desired, signal);
      };
      const created = await withRetries(call, clock, signal);
      if (created !== undefined) {
        known.noteTaken(created);
        return { kind: 'held', object: created, isNew: true };
      }
      holder = await get(name, signal);
      if (holder === undefined) continue;
      if (isQuarantineOver(holder, clock.now())) {
        await release(refOf(holder), signal);
        continue;
      }
      if (!isHeldBy(holder, desired) || !(await isOurs(holder))) return { kind: 'taken', holder };
      // A DELETE of ours may still be on its way to this very object: only a new uid is safe from it.
      if (known.isReleased(holder.metadata.uid ?? '')) {
        await release({ name, uid: holder.metadata.uid ?? '' }, signal);
        continue;
      }
      if (isHeir(holder.spec, desired.spec.owner) && (await isLive(holder.spec.owner, signal))) {
        known.noteTaken(holder);
        return { kind: 'held', object: holder, isNew: false };
      }
      const object = await refresh(holder, desired, signal, isOurs);
      // After a create without an answer it is our own object that exists.
      if (object !== undefined) return { kind: 'held', object, isNew: calls > 1 };
    }
    return { kind: 'taken', holder: holder ?? desired };
  }

  async function refresh(
    found: IPAllocation,
    desired: IPAllocation,
    signal: AbortSignal | undefined,
    isOurs: IsOurs,
  ): Promise<IPAllocation | undefined> {
    let current: IPAllocation | undefined = found;
    // Asked of each object as it is read: the version that is read is the one that is written to.
    while (current !== undefined && isHeldBy(current, desired) && (await isOurs(current))) {
      if (saysTheSame(current, desired)) {
        known.noteTaken(current);
        return current;
      }
      const { address, gateway, pool, node, owner } = desired.spec;
      // A new owner begins without an heir.
      const heir = isSamePod(current.spec.owner, owner) ? {} : { heir: null };
      const spec = { address, gateway: gateway ?? null, pool, node, owner, ...heir };
      const patched = await patch(current, spec, desired.metadata.labels, signal);
      if (patched !== undefined) return patched;
      current = await get(current.metadata.name, signal);
    }
    return undefined;
  }

  async function inherit(
    found: IPAllocation,
    desired: IPAllocation,
    signal?: AbortSignal,
  ): Promise<IPAllocation | undefined> {
    const { podName, podUid } = desired.spec.owner;
    if (podName === undefined || podUid === undefined) return undefined;
    let current: IPAllocation | undefined = found;
    while (current !== undefined && isHeldBy(current, desired)) {
      if (isHeir(current.spec, desired.spec.owner)) return current;
      if (await hasLiveHeir(current.spec, signal)) {
        // A virtual machine migrates to one place at a time. From there it may go on, once it is there.
        if (await isLive(current.spec.owner, signal)) return undefined;
        await handOver(current, signal);
      } else {
        const heir = { podName, podUid, node: desired.spec.node };
        const patched = await patch(current, { heir }, {}, signal);
        if (patched !== undefined) return patched;
      }
      current = await get(current.metadata.name, signal);
    }
    return undefined;
  }

  async function handOver(found: IPAllocation, signal?: AbortSignal): Promise<boolean> {
    const { heir, owner } = found.spec;
    if (heir === undefined) return false;
    const next = { ...owner, podName: heir.podName, podUid: heir.podUid };
    if (!(await isLive(next, signal))) return false;
    const labels = { [NODE_LABEL]: labelHash(heir.node) };
    return (await patch(found, { owner: next, node: heir.node, heir: null }, labels, signal)) !== undefined;
  }

  /** Changes the very object that was read. undefined: somebody was faster, or it is gone. */
  async function patch(
    { metadata: { name, uid, resourceVersion } }: IPAllocation,
    spec: object,
    labels: Readonly<Record<string, string>> | undefined,
    signal?: AbortSignal,
  ): Promise<IPAllocation | undefined> {
    try {
      const body = { metadata: { uid, resourceVersion, labels }, spec };
      const patched = await client.mergePatch(IP_ALLOCATIONS, { name }, body, signal === undefined ? {} : { signal });
      known.noteTaken(patched);
      return patched;
    } catch (error) {
      if (codeOf(error) !== 'Conflict' && !isNotFound(error)) throw error;
      signal?.throwIfAborted();
      return undefined;
    }
  }

  /** Whether the pod of an object is the desired one, or has no use for it any more, and no other is to have it after that. */
  function orLeft(desired: IPAllocation, signal: AbortSignal | undefined): IsOurs {
    const { owner } = desired.spec;
    return async ({ spec }) =>
      isSamePod(spec.owner, owner) ||
      (!(await isLive(spec.owner, signal)) && (isHeir(spec, owner) || !(await hasLiveHeir(spec, signal))));
  }

  async function hasLiveHeir({ owner, heir }: IPAllocation['spec'], signal?: AbortSignal): Promise<boolean> {
    return heir !== undefined && (await isLive({ ...owner, podName: heir.podName, podUid: heir.podUid }, signal));
  }

  /**
   * Where the claim is that of a pod which has ended, as a backup may have it, it goes to the one of the same owner that lives.
   * The pods of a virtual machine that migrates have one claim, and know it by their journals. Where one of them has made it
   * anew the other is its heir; where that one has ended since it is the other's.
   */
  async function holdAgain(desired: IPAllocation, uid: string, signal?: AbortSignal): Promise<Attempt> {
    const { owner } = desired.spec;
    const isOwn: IsOurs = ({ spec }) => isSamePod(spec.owner, owner) || isHeir(spec, owner);
    const attempt = await hold(desired, signal, isOwn);
    if (attempt.kind === 'held') return attempt;
    const isAside = attempt.holder.metadata.uid === uid && attempt.holder.spec.policy === 'Quarantine';
    if (!(isAside || isHeldBy(attempt.holder, desired)) || !(await isLive(owner, signal))) return attempt;
    const object =
      (isAside ? await takeBack(attempt.holder, desired, signal) : undefined) ??
      (await refresh(attempt.holder, desired, signal, orLeft(desired, signal))) ??
      (mayMigrate(owner) ? await inherit(attempt.holder, desired, signal) : undefined);
    return object === undefined ? attempt : { kind: 'held', object, isNew: false };
  }

  /**
   * Out of quarantine, into which a patch of a former agent has put the very object that the pod uses: it came late, after the
   * network had been asked for the address once more.
   */
  function takeBack(
    found: IPAllocation,
    { spec, metadata }: IPAllocation,
    signal: AbortSignal | undefined,
  ): Promise<IPAllocation | undefined> {
    return patch(found, { ...spec, quarantine: null }, metadata.labels, signal);
  }

  async function isLive({ podNamespace, podName, podUid }: ClaimOwner, signal?: AbortSignal): Promise<boolean> {
    if (podName === undefined) return true;
    const name = { name: podName, ...(podNamespace === undefined ? {} : { namespace: podNamespace }) };
    const options = signal === undefined ? {} : { signal };
    const pod = await withRetries(() => orAbsent(client.get(PODS, name, options)), clock, signal);
    return pod !== undefined && pod.metadata.uid === podUid && stateOf(pod) === 'live';
  }

  async function release(claim: ClaimRef, signal?: AbortSignal): Promise<'released' | 'gone' | 'changed'> {
    const { name, uid, resourceVersion } = claim;
    const preconditions = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    known.noteReleased(uid);
    try {
      await client.delete(IP_ALLOCATIONS, { name }, { preconditions, ...(signal === undefined ? {} : { signal }) });
      return 'released';
    } catch (error) {
      if (isNotFound(error)) return 'gone';
      if (codeOf(error) !== 'Conflict') throw error;
      const current = await get(name, signal);
      if (current === undefined) return 'gone';
      if (current.metadata.uid === uid) known.noteKept(uid);
      return 'changed';
    }
  }

  async function quarantine(claim: ClaimRef, mac: string, until: number, signal?: AbortSignal): Promise<void> {
    const labels = { [POD_LABEL]: podLabel(NOBODY) };
    let current = await get(claim.name, signal);
    while (current?.metadata.uid === claim.uid) {
      if ((await patch(current, quarantinePatch(current.spec, mac, until), labels, signal)) !== undefined) return;
      current = await get(claim.name, signal);
    }
  }

  return {
    hold: (desired, signal) => hold(desired, signal, orLeft(desired, signal)),
    holdAgain,
    inherit,
    handOver,
    refresh: (found, desired, signal) => refresh(found, desired, signal, orLeft(desired, signal)),
    get,
    release,
    quarantine,
  };
}

const NOBODY: ClaimOwner = { network: '', interface: '', slot: 0 };

/** An object that is being deleted is nobody's: finalizers only delay its end. */
function isHeldBy(object: IPAllocation, desired: IPAllocation): boolean {
  return object.metadata.deletionTimestamp === undefined && isSameOwner(object.spec.owner, desired.spec.owner);
}

function saysTheSame(object: IPAllocation, desired: IPAllocation): boolean {
  const { spec, metadata } = object;
  return (
    spec.address === desired.spec.address &&
    spec.gateway === desired.spec.gateway &&
    spec.node === desired.spec.node &&
    isSamePod(spec.owner, desired.spec.owner) &&
    spec.pool.dialect === desired.spec.pool.dialect &&
    spec.pool.kind === desired.spec.pool.kind &&
    spec.pool.name === desired.spec.pool.name &&
    Object.entries(desired.metadata.labels ?? {}).every(([label, value]) => metadata.labels?.[label] === value)
  );
}
