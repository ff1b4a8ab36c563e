import type { Pod } from '#api';
import { messageOf } from '#base';
import type { PodInterface } from '#ipam';
import { NETWORKS_ANNOTATION, parseNetworksAnnotation } from '#networks';
import { addAttachments } from '../add/add.ts';
import { networkStatusOf, writeNetworkStatus } from '../add/status.ts';
import type { BusyOwners } from '../addresses/busy-owners.ts';
import type { AttachDeps } from '../deps.ts';
import { entryId, type JournalEntry } from '../journal/entry.ts';
import { reportAttached, reportDetached, reportWarnings } from '../report.ts';
import type { AttachmentPlan } from '../resolve/attachment-plan.ts';
import { resolveSelections } from '../resolve/resolve.ts';
import type { ResolveDeps } from '../resolve/resolve-deps.ts';
import { deleteEntry } from '../undo.ts';
import { detachPlugged, detachRecord } from './detach.ts';
import { withoutUsed } from './devices-left.ts';
import { displaces, type PresentNic, planChange, type WantedNic } from './plan-change.ts';
import { pluggedInto } from './plugged-into.ts';
import { type RunningPod, requestOf } from './running-pod.ts';

export interface ChangeContext {
  readonly deps: AttachDeps;
  readonly sources: ResolveDeps;
  readonly owners: BusyOwners;
}

/**
 * Makes a running pod's interfaces those that its networks annotation asks for by now. All of a change or nothing: when a new
 * interface cannot be made, those that came before it go again, and those that made way for it come back. What leaves
 * otherwise goes only when everything new is there. Then the network-status follows. The default network, and what every
 * pod gets, is not touched.
 * @throws the first failure; whoever calls again, also after a crash, goes on from there
 */
export async function changeNetworks(
  start: RunningPod,
  pod: Pod,
  context: ChangeContext,
  signal: AbortSignal,
): Promise<void> {
  const { deps } = context;
  const change = createChange(start, pod, context, signal);
  await change.finishFormer();
  const { networks, warnings } = parseNetworksAnnotation(
    pod.metadata.annotations?.[NETWORKS_ANNOTATION] ?? '',
    pod.metadata.namespace ?? 'default',
  );
  const present = change.present();
  const { attach, detach, order } = planChange(present, networks);
  const leaving = present.filter(({ ifname }) => detach.includes(ifname));
  if (attach.length > 0) {
    const leave = context.owners.enter(start.pod.uid);
    try {
      if (deps.api !== undefined) reportWarnings(start.pod, warnings, deps.api);
      await change.attach(attach, leaving);
    } catch (error) {
      // One that came back has other addresses, perhaps. That it cannot be told now is told by its being due.
      await change
        .tell([])
        .catch((reason: unknown) => deps.log.warn({ error: messageOf(reason) }, 'Status stays behind'));
      throw error;
    } finally {
      leave();
    }
  }
  for (const { ifname } of leaving) if (!change.hasMadeWay(ifname)) await change.detach(ifname);
  await change.tell(order);
}

interface Change {
  /** What a change that was cut off has made goes again, and what it has half taken away goes wholly. */
  finishFormer(): Promise<void>;
  present(): readonly PresentNic[];
  attach(wanted: readonly WantedNic[], leaving: readonly PresentNic[]): Promise<void>;
  /** Whether an interface has been detached for a new one already. */
  hasMadeWay(ifname: string): boolean;
  detach(ifname: string): Promise<void>;
  /** Writes the pod's network-status, if it does not tell what is. */
  tell(order: readonly string[]): Promise<void>;
}

function createChange(start: RunningPod, pod: Pod, { deps, sources }: ChangeContext, signal: AbortSignal): Change {
  const { journal } = deps;
  let main: JournalEntry = start;
  /** Those that have made way for others. */
  const gone: PresentNic[] = [];
  const keyOf = (ifname: string): JournalEntry['key'] => ({ ...start.key, ifname });

  function note(next: JournalEntry): void {
    journal.put(next);
    main = next;
  }

  async function make(plan: AttachmentPlan, binDir: string | undefined): Promise<void> {
    const id = entryId(start.key);
    const cni = requestOf(start, plan.ifname);
    const key = keyOf(plan.ifname);
    const former = journal.find(key);
    // One that could not be undone so far: it would be forgotten otherwise.
    if (former !== undefined) await deleteEntry(former, deps, signal);
    const place = { parent: id, ...(binDir === undefined ? {} : { binDir }) };
    const whose = { pod: start.pod, podObject: pod, siblings: siblings() };
    await addAttachments({ cni, key, plans: [plan], ...whose, ...place }, deps, signal);
  }

  function present(): readonly PresentNic[] {
    return [main, ...pluggedInto(main, journal)].flatMap(({ attachments }) => attachments);
  }

  function siblings(): readonly PodInterface[] {
    return present().map(({ ifname, nad }) => ({ name: ifname, ...(nad === undefined ? {} : { nad }) }));
  }

  /** Makes them one after the other. What is made is in the journal, also if the last one fails. */
  async function makeAll(nics: readonly WantedNic[], report: (warnings: readonly string[]) => void): Promise<void> {
    const used = { ...sources, devices: withoutUsed(sources.devices, [main, ...pluggedInto(main, journal)]) };
    const resolved = await resolveSelections(requestOf(start, start.key.ifname), pod, nics, siblings(), used, signal);
    report(resolved.warnings);
    for (const plan of resolved.plans) await make(plan, resolved.binDir);
  }

  async function detach(ifname: string): Promise<void> {
    const child = journal.find(keyOf(ifname));
    if (child !== undefined && child.parent === entryId(start.key)) {
      note({ ...main, isStatusDue: true });
      await detachPlugged(child, deps, signal);
    } else {
      main = await detachRecord(main, ifname, deps, signal);
    }
    if (deps.api !== undefined) reportDetached(start.pod, ifname, deps.api);
  }

  async function takeBack(names: readonly string[]): Promise<void> {
    // A change that is given up must be undone all the same.
    const undoing = AbortSignal.timeout(deps.deadlines.delMs);
    for (const name of [...names].reverse()) {
      const child = journal.find(keyOf(name));
      if (child?.parent !== entryId(start.key)) continue;
      // Its failure is tried again by itself.
      await detachPlugged(child, deps, undoing).catch((error: unknown) =>
        deps.log.warn({ ifname: name, error: messageOf(error) }, 'Cannot take back a new interface now'),
      );
    }
    const { plugging: _over, ...rest } = main;
    note(rest);
  }

  return {
    detach,
    hasMadeWay: ifname => gone.some(nic => nic.ifname === ifname),
    async finishFormer() {
      if (main.plugging !== undefined) await takeBack(main.plugging);
      for (const { ifname, isLeaving } of main.attachments) if (isLeaving === true) await detach(ifname);
    },
    present,
    async attach(wanted, leaving) {
      const isLate = (nic: WantedNic): boolean => leaving.some(other => displaces(nic, other));
      const [early, late] = [wanted.filter(nic => !isLate(nic)), wanted.filter(isLate)];
      const displaced = leaving.filter(other => late.some(nic => displaces(nic, other)));
      const report = (warnings: readonly string[]): void => {
        if (deps.api !== undefined) reportWarnings(start.pod, warnings, deps.api);
      };
      note({ ...main, plugging: wanted.map(({ ifname }) => ifname) });
      try {
        // Before anything goes: most of what is wrong with the new ones shows when they are read.
        if (late.length > 0)
          await resolveSelections(requestOf(start, start.key.ifname), pod, late, siblings(), sources, signal);
        await makeAll(early, report);
        for (const nic of displaced) {
          await detach(nic.ifname);
          gone.push(nic);
        }
        await makeAll(late, report);
        const { plugging: _over, ...rest } = main;
        note({ ...rest, isStatusDue: true });
      } catch (error) {
        await takeBack(wanted.map(({ ifname }) => ifname));
        for (const { ifname, selection } of gone) {
          if (selection !== undefined) await bringBack({ ifname, selection });
        }
        throw error;
      }
      if (deps.api !== undefined) {
        const made = pluggedInto(main, journal).filter(({ key }) => wanted.some(({ ifname }) => ifname === key.ifname));
        reportAttached(
          start.pod,
          made.flatMap(({ attachments }) => attachments),
          deps.api,
        );
      }
    },
    async tell(order) {
      if (main.isStatusDue !== true) return;
      const rank = (ifname: string): number => order.indexOf(ifname);
      const records = [main, ...pluggedInto(main, journal)]
        .flatMap(({ attachments }) => attachments)
        .filter(({ isLeaving }) => isLeaving !== true)
        .sort((a, b) => rank(a.ifname) - rank(b.ifname));
      if (deps.api !== undefined) {
        await writeNetworkStatus(deps.api.client, start.pod, networkStatusOf(records), signal);
      }
      const { isStatusDue: _told, ...rest } = main;
      note(rest);
    },
  };

  async function bringBack(nic: WantedNic): Promise<void> {
    try {
      await makeAll([nic], () => undefined);
    } catch (error) {
      const message = `Interface "${nic.ifname}" made way for another one that could not be made, and cannot be brought back: ${messageOf(error)}`;
      deps.log.error({ pod: start.pod.name }, message);
      if (deps.api !== undefined) reportWarnings(start.pod, [message], deps.api);
    }
  }
}
