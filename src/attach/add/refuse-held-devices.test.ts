import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { EntryState, JournalEntry } from '../journal/entry.ts';
import { entryOf, recordOf } from '../journal/testing.ts';
import type { AddRequest } from './add-request.ts';
import { refuseHeldDevices } from './refuse-held-devices.ts';

const ID = '0000:03:02.1';
const key = { containerId: 'other', ifname: 'eth0', plugin: 'underlane', network: '' };

function holder(state: EntryState, more: Partial<JournalEntry> = {}): JournalEntry {
  const attachments = [recordOf({ ifname: 'net1', devices: [ID] })];
  return entryOf(key, { netns: '/proc/self/ns/net', state, attachments, ...more });
}

function refuse(entry: JournalEntry, devices: readonly string[] = [ID], containerId = 'mine'): void {
  // `as`: no more of a request is looked at.
  const request = { cni: { containerId }, key: { ...key, containerId } } as unknown as AddRequest;
  refuseHeldDevices(devices, request, { list: () => [entry] });
}

suite('refuseHeldDevices()', () => {
  for (const state of ['adding', 'added', 'deleting'] as const) {
    test(`refuses a device of an entry that is ${state}, for the runtime to try again`, () => {
      assert.throws(() => refuse(holder(state)), {
        code: 'DEVICE_HELD',
        retriable: true,
        message: /held by container "other"/,
      });
    });
  }
  test('lets a device go that its holder cannot have any more, or never had', () => {
    refuse(holder('undone'));
    refuse(holder('added', { netns: '/run/netns/gone' }));
    refuse(holder('added'), ['0000:03:02.2']);
    refuse(holder('added'), [ID], 'other');
    refuse(holder('added'), []);
  });
});
