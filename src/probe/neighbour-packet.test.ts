import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIp, parseIp } from '#ip';
import {
  groupMac,
  neighbourAnnouncement,
  neighbourProbe,
  neighbourRequest,
  readNeighbour,
  solicitedNode,
} from './neighbour-packet.ts';

const MAC = '02:00:5e:10:00:01';
const address = parseIp('fd00:1::83');
const bytes = (...parts: readonly string[]): string => parts.join('').replaceAll(' ', '');
const US = 'fd000001000000000000000000000083';
const NOBODY = '0'.repeat(32);

/** One's complement sum over pseudo header and message (RFC 8200, section 8.1), written down anew: 0 when it is right. */
function sumOf(frame: Buffer): number {
  const message = frame.subarray(54);
  const pseudo = Buffer.concat([frame.subarray(22, 54), Buffer.from([0, 0, 0, message.length, 0, 0, 0, 58]), message]);
  let sum = 0;
  for (let at = 0; at < pseudo.length; at += 2) {
    sum += pseudo.readUInt16BE(at);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

/** The frame's hex, with its checksum, which was verified, blanked out. */
function hexOf(frame: Buffer): string {
  assert.equal(sumOf(frame), 0);
  const copy = Buffer.from(frame);
  copy.writeUInt16BE(0, 56);
  return copy.toString('hex');
}

test('solicitedNode() and groupMac() are the groups of RFC 4291 and RFC 2464', () => {
  const group = solicitedNode(parseIp('4037::1:800:200e:8c6c'));
  assert.equal(formatIp(group), 'ff02::1:ff0e:8c6c');
  assert.equal(groupMac(group), '33:33:ff:0e:8c:6c');
});

test('neighbourProbe() asks for an address as nobody, without an option', () => {
  const expected = bytes(
    '3333ff000083 02005e100001 86dd',
    `60000000 0018 3a ff ${NOBODY} ff0200000000000000000001ff000083`,
    `87 00 0000 00000000 ${US}`,
  );
  assert.equal(hexOf(neighbourProbe(MAC, address)), expected);
});

test('neighbourRequest() asks in the name of an address and says whose it is', () => {
  const expected = bytes(
    '3333ff000001 02005e100001 86dd',
    `60000000 0020 3a ff ${US} ff0200000000000000000001ff000001`,
    '87 00 0000 00000000 fd000001000000000000000000000001 01 01 02005e100001',
  );
  assert.equal(hexOf(neighbourRequest(MAC, address, parseIp('fd00:1::1'))), expected);
});

test('neighbourAnnouncement() goes to all nodes with the override flag', () => {
  const expected = bytes(
    '333300000001 02005e100001 86dd',
    `60000000 0020 3a ff ${US} ff020000000000000000000000000001`,
    `88 00 0000 20000000 ${US} 02 01 02005e100001`,
  );
  assert.equal(hexOf(neighbourAnnouncement(MAC, address)), expected);
});

test('readNeighbour() reads what the others write', () => {
  for (const [frame, expected] of [
    [neighbourProbe(MAC, address), { kind: 'solicitation', source: '::', target: 'fd00:1::83', mac: MAC }],
    [
      neighbourAnnouncement(MAC, address),
      { kind: 'advertisement', source: 'fd00:1::83', target: 'fd00:1::83', mac: MAC },
    ],
  ] as const) {
    const packet = readNeighbour(frame);
    assert.deepEqual(
      packet && { ...packet, source: formatIp(packet.source), target: formatIp(packet.target) },
      expected,
    );
  }
});

test('readNeighbour() passes over what has come through a router, other messages and whatever is cut off', () => {
  const probe = neighbourProbe(MAC, address);
  const changed = (offset: number, value: number): Buffer => {
    const frame = Buffer.from(probe);
    frame.writeUInt8(value, offset);
    return frame;
  };
  for (const frame of [changed(21, 254), changed(20, 6), changed(54, 134), changed(13, 0), probe.subarray(0, 77)]) {
    assert.equal(readNeighbour(frame), undefined);
  }
});

test('readNeighbour() throws at no bytes whatever', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), noise => {
      readNeighbour(Buffer.from(noise));
      readNeighbour(Buffer.concat([neighbourProbe(MAC, address).subarray(0, 22), noise]));
    }),
  );
});
