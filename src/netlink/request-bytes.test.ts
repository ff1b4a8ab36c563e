import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAddress } from './address.ts';
import { createLink, createVeth } from './create-link.ts';
import { replaceNeighbour } from './neighbour.ts';
import { addRoute } from './route.ts';
import { addRule } from './rule.ts';
import { recordingSocket } from './testing.ts';

// What `ip` of iproute2 6.1.0 sends for the same, taken with `strace -e write=all`; sequence numbers set to 0.

test('createLink() sends what `ip link add link #3 ... type macvlan mode bridge bcqueuelen 2000` sends', () => {
  const socket = recordingSocket();
  createLink(socket, {
    name: 'pod0',
    mac: '02:00:00:00:00:09',
    mtu: 1400,
    parentIfindex: 3,
    data: { kind: 'macvlan', mode: 'bridge', bcQueueLen: 2000 },
  });
  assertSent(
    socket,
    `
    6c 00 00 00 10 00 05 06  00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00
    0a 00 01 00 02 00 00 00  00 09 00 00 08 00 04 00
    78 05 00 00 08 00 05 00  03 00 00 00 09 00 03 00
    70 6f 64 30 00 00 00 00  24 00 12 00 0b 00 01 00
    6d 61 63 76 6c 61 6e 00  14 00 02 00 08 00 07 00
    d0 07 00 00 08 00 01 00  04 00 00 00`,
  );
});

test('createVeth() sends what `ip link add h0 ... type veth peer name p0 ...` sends', () => {
  const socket = recordingSocket();
  createVeth(socket, {
    name: 'h0',
    mac: '02:00:00:00:00:0a',
    mtu: 1400,
    peer: { name: 'p0', mac: '02:00:00:00:00:0b' },
  });
  assertSent(
    socket,
    `
    74 00 00 00 10 00 05 06  00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00
    0a 00 01 00 02 00 00 00  00 0a 00 00 08 00 04 00
    78 05 00 00 07 00 03 00  68 30 00 00 38 00 12 00
    08 00 01 00 76 65 74 68  2c 00 02 00 28 00 01 00
    00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00
    0a 00 01 00 02 00 00 00  00 0b 00 00 07 00 03 00
    70 30 00 00`,
  );
});

test('addRoute() sends what `ip route add 10.9.0.0/16 via ... src ... table 1000 metric 7` sends', () => {
  const socket = recordingSocket();
  addRoute(socket, { ifindex: 3, dst: '10.9.0.0/16', via: '10.1.0.9', src: '10.1.0.1', table: 1000, metric: 7 });
  assertSent(
    socket,
    `
    4c 00 00 00 18 00 05 06  00 00 00 00 00 00 00 00
    02 10 00 00 00 03 00 01  00 00 00 00 08 00 01 00
    0a 09 00 00 08 00 05 00  0a 01 00 09 08 00 07 00
    0a 01 00 01 08 00 0f 00  e8 03 00 00 08 00 06 00
    07 00 00 00 08 00 04 00  03 00 00 00`,
  );
});

test('addRule() sends what `ip rule add from ... fwmark 0x10/0xff iif eth0 table 1000 pref 500` sends', () => {
  const socket = recordingSocket();
  addRule(socket, { family: 4, priority: 500, from: '10.1.0.1', fwmark: 0x10, fwmask: 0xff, iif: 'eth0', table: 1000 });
  assertSent(
    socket,
    `
    50 00 00 00 20 00 05 06  00 00 00 00 00 00 00 00
    02 00 20 00 00 00 00 01  00 00 00 00 08 00 02 00
    0a 01 00 01 08 00 0a 00  10 00 00 00 08 00 10 00
    ff 00 00 00 09 00 03 00  65 74 68 30 00 00 00 00
    08 00 0f 00 e8 03 00 00  08 00 06 00 f4 01 00 00`,
  );
});

test('addAddress() sends what `ip address add 10.1.0.7/24 brd + dev #2` sends', () => {
  const socket = recordingSocket();
  addAddress(socket, { ifindex: 2, address: '10.1.0.7/24' });
  assertSent(
    socket,
    `
    30 00 00 00 14 00 05 06  00 00 00 00 00 00 00 00
    02 18 00 00 02 00 00 00  08 00 02 00 0a 01 00 07
    08 00 01 00 0a 01 00 07  08 00 04 00 0a 01 00 ff`,
  );
});

test('replaceNeighbour() sends what `ip neigh replace ... nud permanent` sends', () => {
  const socket = recordingSocket();
  replaceNeighbour(socket, { ifindex: 2, address: '10.1.0.2', lladdr: '02:00:00:00:00:01' });
  assertSent(
    socket,
    `
    30 00 00 00 1c 00 05 05  00 00 00 00 00 00 00 00
    02 00 00 00 02 00 00 00  80 00 00 00 08 00 01 00
    0a 01 00 02 0a 00 02 00  02 00 00 00 00 01 00 00`,
  );
});

function assertSent(socket: { readonly sent: readonly string[] }, dump: string): void {
  assert.deepEqual(socket.sent, [dump.replace(/\s+/g, '')]);
}
