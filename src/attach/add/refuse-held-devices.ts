import { existsSync } from 'node:fs';
import { AttachError } from '../errors.ts';
import { entryId } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import type { AddRequest } from './add-request.ts';

/**
 * A device that a container has must not be set up for another. One whose namespace is gone has none any more: the kernel
 * has given it back, and a DEL that has not come yet would only tell us so.
 * @throws AttachError DEVICE_HELD
 */
export function refuseHeldDevices(
  devices: readonly string[],
  request: AddRequest,
  journal: Pick<Journal, 'list'>,
): void {
  if (devices.length === 0) return;
  for (const entry of journal.list()) {
    if (entryId(entry.key) === entryId(request.key) || entry.state === 'undone' || !existsSync(entry.netns)) continue;
    const held = entry.attachments.flatMap(attachment => attachment.devices ?? []).find(id => devices.includes(id));
    if (held === undefined) continue;
    const pod = entry.pod === undefined ? '' : ` of pod "${entry.pod.namespace}/${entry.pod.name}"`;
    throw new AttachError(
      'DEVICE_HELD',
      `Cannot attach container "${request.cni.containerId}": device "${held}" is held by container "${entry.key.containerId}"${pod}, expected one that is free`,
      { retriable: true, details: { device: held } },
    );
  }
}
