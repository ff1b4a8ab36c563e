import { LEASES, type Lease, type LeaseSpec } from '#api';
import { type Clock, codeOf, type Log, messageOf } from '#base';
import type { KubeClient, ObjectName } from './client.ts';
import { isApiError } from './errors.ts';
import { toMicroTime } from './micro-time.ts';

export interface ElectionOptions {
  readonly client: KubeClient;
  readonly lease: ObjectName;
  /** Unlike every other candidate's. */
  readonly identity: string;
  /** How long others wait for a leader that says nothing. @default 15 */
  readonly durationSeconds?: number;
  /** A leader that could not renew for so long stops leading: well before the others' wait ends. @default two thirds of the duration */
  readonly renewDeadlineMs?: number;
  /** Between two attempts to get or to renew. @default two fifteenths of the duration: 2 of 15 s */
  readonly retryMs?: number;
  /** What the Lease says is by this one. */
  readonly clock: Clock;
  /** By this one the waits are over: one that steps would make two leaders. */
  readonly steady: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Leads whenever elected, until the signal aborts: calls `lead` with a signal that aborts as soon as the term is over, and
 * becomes a candidate again when `lead` has returned. Gives the Lease up at the end, so that the next one need not wait.
 *
 * As the leader election of Kubernetes' own programs, with which it shares a Lease: the record is replaced under its
 * resourceVersion, and another's counts as alive for its duration from when *this* process saw it change, so that clocks
 * need not agree. One that pauses for long may still believe that it leads when it does not: what `lead` does must be
 * harmless when two do it.
 */
export async function elect(options: ElectionOptions, lead: (term: AbortSignal) => Promise<void>): Promise<void> {
  const { client, lease: name, identity, clock, steady, log, signal, durationSeconds = 15 } = options;
  const renewDeadlineMs = options.renewDeadlineMs ?? (durationSeconds * 2000) / 3;
  const retryMs = options.retryMs ?? (durationSeconds * 2000) / 15;
  let seen: { readonly record: string; readonly at: number } | undefined;
  const pause = (ms = retryMs): Promise<void> => steady.sleep(ms, signal).catch(() => undefined); // rejects only on abort, which ends the loops

  /** Whether we hold the Lease now. @param until when it must be known @throws ApiError when nobody can tell */
  async function acquire(until: number): Promise<'held' | 'another' | 'outrun'> {
    const found = await find(until);
    const now = steady.now();
    const record = JSON.stringify(found?.spec ?? {});
    if (seen?.record !== record) seen = { record, at: now };
    const { holderIdentity = '', leaseDurationSeconds = durationSeconds } = found?.spec ?? {};
    const isAnothers = holderIdentity !== '' && holderIdentity !== identity;
    if (isAnothers && now < seen.at + leaseDurationSeconds * 1000) return 'another';
    return (await write(found, holdingSpec(found?.spec), until)) ? 'held' : 'outrun';
  }

  function holdingSpec(former: LeaseSpec | undefined): LeaseSpec {
    const time = toMicroTime(clock.now());
    const isOurs = former?.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: durationSeconds,
      acquireTime: isOurs ? (former.acquireTime ?? time) : time,
      renewTime: time,
      leaseTransitions: (former?.leaseTransitions ?? 0) + (isOurs || former === undefined ? 0 : 1),
    };
  }

  async function find(until: number): Promise<Lease | undefined> {
    try {
      return await client.get(LEASES, name, { signal, timeoutMs: leftOf(until) });
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  function leftOf(until: number): number {
    return Math.max(1, Math.ceil(until - steady.now()));
  }

  /** false: somebody else has written it meanwhile. */
  async function write(former: Lease | undefined, spec: LeaseSpec, until: number): Promise<boolean> {
    const callOptions = { timeoutMs: leftOf(until) };
    try {
      if (former === undefined) await client.create(LEASES, { metadata: { ...name }, spec }, callOptions);
      else await client.update(LEASES, { ...former, spec }, callOptions);
      return true;
    } catch (error) {
      if (isApiError(error, 'Conflict') || isApiError(error, 'AlreadyExists')) return false;
      throw error;
    }
  }

  /** Renews until the term is over: lost, not renewed in time, or `signal` aborted. @returns why */
  async function hold(acquiredAt: number): Promise<string> {
    for (let until = acquiredAt + renewDeadlineMs; ; ) {
      await pause(Math.min(retryMs, leftOf(until)));
      if (signal.aborted) return 'stopping';
      const startedAt = steady.now();
      if (startedAt >= until) return 'not renewed in time';
      try {
        const outcome = await acquire(until);
        if (outcome === 'another') return 'another holds the Lease';
        if (outcome === 'held') until = startedAt + renewDeadlineMs;
      } catch (error) {
        if (signal.aborted) return 'stopping';
        log.warn({ lease: name.name, code: codeOf(error), err: messageOf(error) }, 'Cannot renew the leader Lease');
      }
    }
  }

  async function serve(acquiredAt: number): Promise<void> {
    log.info({ lease: name.name, identity }, 'Leading');
    const term = new AbortController();
    const leading = lead(AbortSignal.any([term.signal, signal])).catch((error: unknown) => {
      if (!term.signal.aborted && !signal.aborted) log.error({ err: messageOf(error) }, 'Leading failed');
    });
    const why = await hold(acquiredAt);
    term.abort();
    log.info({ lease: name.name, identity, why }, 'No longer leading');
    await leading;
    if (signal.aborted) await giveUp();
  }

  /** Best effort: without it the others wait until the Lease has expired. */
  async function giveUp(): Promise<void> {
    try {
      const until = steady.now() + retryMs;
      const found = await client.get(LEASES, name, { timeoutMs: retryMs });
      if (found.spec?.holderIdentity !== identity) return;
      const time = toMicroTime(clock.now());
      const free = { holderIdentity: '', leaseDurationSeconds: 1, renewTime: time, acquireTime: time };
      await write(found, { ...found.spec, ...free }, until);
    } catch (error) {
      log.info({ lease: name.name, err: messageOf(error) }, 'Cannot give up the leader Lease');
    }
  }

  while (!signal.aborted) {
    const startedAt = steady.now();
    try {
      if ((await acquire(startedAt + renewDeadlineMs)) === 'held') {
        await serve(startedAt);
        continue;
      }
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ lease: name.name, code: codeOf(error), err: messageOf(error) }, 'Cannot take part in the election');
    }
    await pause();
  }
}
