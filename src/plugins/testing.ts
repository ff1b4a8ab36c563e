/** Fixtures of this room's tests: the node and the pod of the worked examples. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Facts, NsFacts } from '#facts';
import type { AttachmentSpec, IpamResult } from './plugin.ts';

export const attachment: AttachmentSpec = {
  containerId: '0123456789abcdef0123456789abcdef',
  ifname: 'eth0',
  netns: '/run/netns/pod',
  nonce: 'first',
};

/** A node at 172.18.0.2/16 with its default route, as every worked example has it. */
export const host: NsFacts = {
  links: [
    { ifindex: 1, name: 'lo', mac: '00:00:00:00:00:00', mtu: 65536, isUp: true, isLoopback: true },
    { ifindex: 2, name: 'eth0', mac: '02:42:ac:12:00:02', mtu: 1500, isUp: true, isLoopback: false },
  ],
  addresses: [
    { dev: 'lo', address: '127.0.0.1/8', scope: 'host' },
    { dev: 'lo', address: '::1/128', scope: 'host' },
    { dev: 'eth0', address: '172.18.0.2/16', scope: 'universe' },
    { dev: 'eth0', address: 'fe80::42:acff:fe12:2/64', scope: 'link' },
  ],
  routes: [
    { family: 4, dst: '0.0.0.0/0', via: '172.18.0.1', dev: 'eth0', table: 254, scope: 'universe', protocol: 3 },
    { family: 4, dst: '172.18.0.0/16', dev: 'eth0', src: '172.18.0.2', table: 254, scope: 'link', protocol: 2 },
  ],
  rules: [],
  neighbours: [],
  sysctls: {},
};

/** A namespace as it is when the runtime hands it over. */
export const pod: NsFacts = {
  links: [{ ifindex: 1, name: 'lo', mac: '00:00:00:00:00:00', mtu: 65536, isUp: true, isLoopback: true }],
  addresses: [{ dev: 'lo', address: '127.0.0.1/8', scope: 'host' }],
  routes: [],
  rules: [],
  neighbours: [],
  sysctls: {},
};

export const facts: Facts = { host, pod };

export const ipam: IpamResult = {
  ips: [{ address: '172.18.0.10/16', gateway: '172.18.0.1' }],
  routes: [{ dst: '0.0.0.0/0' }],
  dns: {},
};

/** What a golden file holds: first how it differs from the predecessor on purpose, then the plan. */
interface Golden {
  readonly example: string;
  readonly differences: readonly string[];
  readonly plan: unknown;
}

/** Compares a plan with a golden file; UNDERLANE_UPDATE_GOLDEN=1 writes it anew, for a review of the change. */
export function assertGolden(url: URL, plan: unknown): void {
  // The file is ours: its shape is checked by what follows.
  const golden = JSON.parse(readFileSync(url, 'utf8')) as Golden;
  assert.ok(Array.isArray(golden.differences) && golden.example !== '');
  const actual: unknown = JSON.parse(JSON.stringify(plan));
  if (process.env['UNDERLANE_UPDATE_GOLDEN'] === '1') {
    writeFileSync(url, `${JSON.stringify({ ...golden, plan: actual }, undefined, 2)}\n`);
    return;
  }
  assert.deepEqual(actual, golden.plan);
}
