import { messageOf } from '#base';
import { copyDeviceInfo, readDeviceInfo, removeDeviceInfo } from '#devices';
import type { AttachDeps } from '../deps.ts';
import type { JournalEntry } from '../journal/entry.ts';
import { reportWarnings } from '../report.ts';
import type { AddRequest } from './add-request.ts';
import type { Draft } from './draft.ts';

/** Gives each attachment's plugins what the device plugin says of its device. A file that is none is told of, and no more. */
export function offerDeviceInfo(request: AddRequest, draft: Draft, deps: AttachDeps): void {
  if (request.plans.every(plan => plan.deviceInfo === undefined && plan.devices.length === 0)) return;
  // So that a crash from here on leaves no file that nobody knows of, and that of two pods with one device each sees the other.
  draft.commit('adding');
  for (const { deviceInfo } of request.plans) {
    if (deviceInfo?.from === undefined) continue;
    const { from, path } = deviceInfo;
    attempt(() => copyDeviceInfo(from, path), request, deps);
  }
}

/** Takes what is known of each attachment's device into the draft, when its third-party plugins have run. */
export function takeDeviceInfo(request: AddRequest, draft: Draft, deps: AttachDeps): void {
  for (const [index, { deviceInfo }] of request.plans.entries()) {
    if (deviceInfo === undefined) continue;
    const info = attempt(() => readDeviceInfo(deviceInfo.path), request, deps);
    if (info !== undefined) draft.deviceInfo(index, info);
  }
}

/** Removes an entry's files. @throws DevicesError DEVICE_INFO */
export function dropDeviceInfo(entry: JournalEntry): void {
  for (const { deviceInfoFile } of entry.attachments) {
    if (deviceInfoFile !== undefined) removeDeviceInfo(deviceInfoFile);
  }
}

function attempt<T>(act: () => T, { pod }: AddRequest, deps: AttachDeps): T | undefined {
  try {
    return act();
  } catch (error) {
    deps.log.warn({ error: messageOf(error) }, 'Attaching without device information');
    if (pod !== undefined && deps.api !== undefined) reportWarnings(pod, [messageOf(error)], deps.api);
    return undefined;
  }
}
