import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { silentLog } from '#base';
import { parseRequest } from '#cni';
import { createNamespace, deleteNamespace } from '#netns';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { openJournal } from './mod.ts';
import { startTestAttacher, type TestAttacher } from './testing.ts';

/** The pipeline on a real kernel, plain CNI without an API server, looked at with `ip -j`. */
const { skip } = skipUnlessRing2();

let dir: string;
let node: TestAttacher;
const pods: string[] = [];

before(() => {
  if (skip) return;
  ip('link add up0 type veth peer name up1');
  ip('addr add 172.18.0.2/16 dev up0');
  ip('link set up0 up');
  ip('link set up1 up');
});
after(() => {
  if (!skip) ip('link del up0');
});
beforeEach(async () => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'underlane-attach-'));
  mkdirSync(join(dir, 'bin'));
  mkdirSync(join(dir, 'conf'));
  node = await startTestAttacher(dir);
});
afterEach(async () => {
  if (skip) return;
  await node[Symbol.asyncDispose]();
  for (const pod of pods.splice(0)) deleteNamespace(pod);
  rmSync(dir, { recursive: true, force: true });
});

function ip(command: string): string {
  return execFileSync('ip', command.split(' '), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

interface IpLink {
  readonly ifname: string;
  readonly operstate: string;
  readonly linkinfo?: { readonly info_kind?: string };
}

/** Everything an attachment may leave behind, as `ip` tells it. */
function snapshot(): unknown {
  const links = (JSON.parse(ip('-j -d link')) as IpLink[]).map(link => link.ifname).sort();
  return {
    links,
    routes: ip('-4 route show table all').split('\n').sort(),
    rules: ip('rule'),
    neighbours: ip('neigh show nud permanent'),
  };
}

function makePod(name: string): string {
  const path = `/run/netns/ul-test-${name}`;
  createNamespace(path);
  pods.push(path);
  return path;
}

const lan = {
  cniVersion: '1.0.0',
  name: 'lan',
  plugins: [
    {
      type: 'macvlan',
      master: 'up0',
      ipam: {
        type: 'host-local',
        subnet: '172.18.0.0/16',
        rangeStart: '172.18.0.10',
        rangeEnd: '172.18.0.12',
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'veth', service_hijack_subnet: ['10.96.0.0/12'], overlay_hijack_subnet: ['10.244.0.0/16'] },
  ],
};

/** What a runtime sends for the pod pipeline: our own conflist's only plugin, with the default network inline. */
function call(
  command: string,
  containerId: string,
  netns: string | undefined,
  delegate: unknown = lan,
  plugin = 'underlane',
  extra = {},
) {
  const stdin = JSON.stringify({
    cniVersion: '1.0.0',
    name: 'cluster',
    type: plugin,
    ...(delegate === null ? {} : { delegates: [delegate] }),
    ...extra,
  });
  const env = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerId,
    CNI_IFNAME: 'eth0',
    CNI_PATH: dir,
    ...(netns === undefined ? {} : { CNI_NETNS: netns }),
  };
  return node.attacher.handle(parseRequest({ plugin, env, stdin }), { signal: new AbortController().signal });
}

test('ADD makes macvlan and veth, CHECK finds them, DEL leaves nothing', { skip }, async () => {
  const netns = makePod('a');
  const before = snapshot();
  const result = JSON.parse(await call('ADD', 'container-a', netns)) as {
    ips: { address: string }[];
    interfaces: { name: string; sandbox?: string }[];
  };
  assert.deepEqual(
    result.ips.map(({ address }) => address),
    ['172.18.0.10/16'],
  );
  assert.equal(result.interfaces[0]?.name, 'eth0');
  assert.equal(result.interfaces[0]?.sandbox, netns);
  const routes = ip('-n ul-test-a -4 route');
  assert.match(routes, /^default via 172\.18\.0\.1 dev eth0/m);
  assert.match(routes, /^10\.96\.0\.0\/12 via 172\.18\.0\.2 dev veth0/m);
  assert.match(ip('-4 route'), /^172\.18\.0\.10 dev vethcontainer-a scope link/m);
  await call('CHECK', 'container-a', netns);
  await call('DEL', 'container-a', netns);
  assert.deepEqual(snapshot(), before);
  assert.doesNotMatch(ip('-n ul-test-a link'), /eth0|veth0/);
  assert.deepEqual(readdirSync(join(dir, 'journal')), []);
});

test('CHECK says in a sentence what somebody took away', { skip }, async () => {
  const netns = makePod('b');
  await call('ADD', 'container-b', netns);
  ip('-n ul-test-b route del 10.96.0.0/12');
  await assert.rejects(call('CHECK', 'container-b', netns), {
    code: 'CHECK_FAILED',
    message: /10\.96\.0\.0\/12.*missing/,
  });
});

test('DEL twice, and DEL with the namespace gone, leave nothing on the host', { skip }, async () => {
  const before = snapshot();
  const netns = makePod('c');
  await call('ADD', 'container-c', netns);
  deleteNamespace(netns);
  pods.splice(0);
  await call('DEL', 'container-c', undefined);
  await call('DEL', 'container-c', undefined);
  assert.deepEqual(snapshot(), before);
});

test('ADD of 20 pods at once gives each its own address and fails cleanly beyond the range', { skip }, async () => {
  const before = snapshot();
  const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
  const outcomes = await Promise.allSettled(names.map(name => call('ADD', name, makePod(name))));
  const given = outcomes.flatMap(outcome =>
    outcome.status === 'fulfilled'
      ? [(JSON.parse(outcome.value) as { ips: { address: string }[] }).ips[0]?.address]
      : [],
  );
  assert.deepEqual([...given].sort(), ['172.18.0.10/16', '172.18.0.11/16', '172.18.0.12/16']);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected')
      assert.match(String(outcome.reason), /no IP addresses available in range set: 172\.18\.0\.10-172\.18\.0\.12/);
  }
  await Promise.all(names.map(name => call('DEL', name, undefined)));
  assert.deepEqual(snapshot(), before);
});

test('pods on one bridge share it, and the last of them takes it away', { skip }, async () => {
  const before = snapshot();
  const bridged = {
    cniVersion: '1.0.0',
    name: 'pods',
    type: 'bridge',
    bridge: 'ultest0',
    isGateway: true,
    ipam: { type: 'host-local', subnet: '10.244.1.0/24' },
  };
  const names = ['x', 'y', 'z'];
  await Promise.all(names.map(name => call('ADD', name, makePod(name), bridged)));
  await call('DEL', 'x', undefined);
  await Promise.all([call('DEL', 'y', undefined), call('ADD', 'w', makePod('w'), bridged)]);
  assert.match(ip('-4 addr show ultest0'), /10\.244\.1\.1\/24/);
  await Promise.all([call('DEL', 'z', undefined), call('DEL', 'w', undefined)]);
  const { links } = snapshot() as { links: string[] };
  assert.deepEqual(links, (before as { links: string[] }).links);
});

test('a chain of single plugins works by prevResult, as a runtime runs it', { skip }, async () => {
  const netns = makePod('s');
  const before = snapshot();
  const [macvlan, veth] = lan.plugins;
  const first = await call('ADD', 'single', netns, null, 'macvlan', { ...macvlan, name: 'lan' });
  const second = await call('ADD', 'single', netns, null, 'veth', {
    ...veth,
    name: 'lan',
    prevResult: JSON.parse(first),
  });
  assert.match(second, /"172\.18\.0\.\d+\/16"/);
  await call('DEL', 'single', netns, null, 'veth', { ...veth, name: 'lan' });
  await call('DEL', 'single', netns, null, 'macvlan', { ...macvlan, name: 'lan' });
  assert.deepEqual(snapshot(), before);
});

test('a failing second plugin takes the first one back', { skip }, async () => {
  const netns = makePod('f');
  const before = snapshot();
  writeFileSync(
    join(dir, 'bin', 'broken'),
    '#!/bin/sh\n[ "$CNI_COMMAND" = DEL ] || { echo \'{"code":123,"msg":"no such cable"}\'; exit 1; }\n',
    { mode: 0o755 },
  );
  const chain = { ...lan, plugins: [lan.plugins[0], { type: 'broken' }] };
  await assert.rejects(call('ADD', 'fails', netns, chain), { cniCode: 123, message: /no such cable/ });
  assert.deepEqual(snapshot(), before);
  assert.doesNotMatch(ip('-n ul-test-f link'), /eth0/);
  assert.deepEqual(readdirSync(join(dir, 'journal')), []);
});

test('recover() undoes what a killed agent left half made', { skip }, async () => {
  const netns = makePod('k');
  const before = snapshot();
  await call('ADD', 'killed', netns);
  // As a kill -9 between apply and commit leaves it.
  const journal = openJournal(join(dir, 'journal'), silentLog);
  const [entry] = journal.list();
  assert.ok(entry);
  journal.put({ ...entry, state: 'adding' });
  await node[Symbol.asyncDispose]();
  node = await startTestAttacher(dir);
  await node.attacher.recover();
  assert.deepEqual(snapshot(), before);
  assert.deepEqual(readdirSync(join(dir, 'journal')), []);
});

for (const [what, delegate, message] of [
  [
    'an unknown type',
    { ...lan, plugins: [{ type: 'macvlam' }] },
    /type is "macvlam", expected one that Underlane implements or a program in/,
  ],
  [
    'an unknown type of IPAM',
    { ...lan, plugins: [{ type: 'macvlan', ipam: { type: 'wherabouts' } }] },
    /ipam\.type is "wherabouts", expected one that Underlane implements or a program in/,
  ],
  ['a type that calls us', { ...lan, plugins: [{ type: 'multus' }] }, /"multus", which would call itself/],
  ['a path as type', { ...lan, plugins: [{ type: '../x' }] }, /"\.\.\/x"/],
  ['a missing master', { ...lan, plugins: [{ type: 'macvlan', master: 'nope' }] }, /"nope"/],
  ['a chained plugin alone', { ...lan, plugins: [lan.plugins[1]] }, /plugin "veth" stands first/],
] as const) {
  test(`ADD refuses ${what} in one sentence and makes nothing`, { skip }, async () => {
    const netns = makePod('r');
    const before = snapshot();
    await assert.rejects(call('ADD', 'refused', netns, delegate), error => {
      assert.ok(error instanceof Error);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
    assert.deepEqual(snapshot(), before);
    assert.deepEqual(readdirSync(join(dir, 'journal')), []);
  });
}
