import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIp, parseIp } from '#ip';
import { arpAnnouncement, arpProbe, arpRequest, readArp } from './arp-packet.ts';

const MAC = '02:00:5e:10:00:01';
const address = parseIp('172.18.30.131');

/** Written out from RFC 826: header, types, lengths, operation; sender; target. */
const bytes = (...parts: readonly string[]): string => parts.join('').replaceAll(' ', '');
const BROADCAST_FROM_US = 'ffffffffffff 02005e100001 0806';
const REQUEST = '0001 0800 06 04 0001';

test('arpProbe() asks for an address as nobody', () => {
  const expected = bytes(BROADCAST_FROM_US, REQUEST, '02005e100001 00000000', '000000000000 ac121e83');
  assert.equal(arpProbe(MAC, address).toString('hex'), expected);
});

test('arpRequest() asks in the name of an address', () => {
  const expected = bytes(BROADCAST_FROM_US, REQUEST, '02005e100001 ac121e83', '000000000000 ac120001');
  assert.equal(arpRequest(MAC, address, parseIp('172.18.0.1')).toString('hex'), expected);
});

test('arpAnnouncement() has the address as sender and as target', () => {
  const expected = bytes(BROADCAST_FROM_US, REQUEST, '02005e100001 ac121e83', '000000000000 ac121e83');
  assert.equal(arpAnnouncement(MAC, address).toString('hex'), expected);
});

test('readArp() reads a reply, padded as it comes from a card', () => {
  const reply = bytes(
    '02005e100001 0242ac120005 0806',
    '0001 0800 06 04 0002',
    '0242ac120005 ac121e83 02005e100001 00000000',
    '00'.repeat(18),
  );
  const packet = readArp(Buffer.from(reply, 'hex'));
  assert.deepEqual(packet && { ...packet, senderIp: formatIp(packet.senderIp), targetIp: formatIp(packet.targetIp) }, {
    operation: 'reply',
    senderMac: '02:42:ac:12:00:05',
    senderIp: '172.18.30.131',
    targetIp: '0.0.0.0',
  });
});

test('readArp() passes over other protocols, other hardware, other operations and whatever is cut off', () => {
  const probe = arpProbe(MAC, address);
  const changed = (offset: number, value: number): Buffer => {
    const frame = Buffer.from(probe);
    frame.writeUInt16BE(value, offset);
    return frame;
  };
  for (const frame of [
    changed(12, 0x86dd),
    changed(16, 0x86dd),
    changed(18, 0x0804),
    changed(20, 8),
    probe.subarray(0, 41),
    Buffer.alloc(0),
  ]) {
    assert.equal(readArp(frame), undefined);
  }
});

test('readArp() throws at no bytes whatever', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), noise => {
      readArp(Buffer.from(noise));
      readArp(Buffer.concat([arpProbe(MAC, address).subarray(0, 14), noise]));
    }),
  );
});
