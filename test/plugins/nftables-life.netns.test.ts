import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { skipUnlessNftables } from '../../src/netlink/testing.ts';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { ip, startTestNode, type TestNode } from '../agent/test-node.ts';
import { programsOf } from '../conformance/program.ts';

/** What becomes of nftables rules from ADD to DEL and GC, with an agent that dies meanwhile. */
const { skip } = skipUnlessNftables(skipUnlessRing2());

const config = {
  cniVersion: '1.1.0',
  name: 'rules',
  type: 'bridge',
  bridge: 'ulnft0',
  isGateway: true,
  ipMasq: true,
  macspoofchk: true,
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.244.9.0/24' }], [{ subnet: 'fd00:9::/64' }]] },
};

let dir: string;
let node: TestNode;

before(async () => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'underlane-nftables-'));
  node = await startTestNode({ dir: join(dir, 'n1'), name: 'nft' });
});
after(async () => {
  if (skip) return;
  await node[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

async function call(command: string, containerId: string, netns: string | undefined, more = {}) {
  const env = { CNI_COMMAND: command, CNI_CONTAINERID: containerId, CNI_IFNAME: 'eth0', CNI_NETNS: netns };
  const { exitCode, stdout, json } = await programsOf(node).run('bridge', env, { ...config, ...more });
  return { exitCode, stdout, json };
}

async function add(containerId: string): Promise<string> {
  const netns = node.makeNetns(containerId);
  const { exitCode, stdout } = await call('ADD', containerId, netns);
  assert.equal(exitCode, 0, stdout);
  return netns;
}

const ruleset = () => execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8' });
/** Whose rules there are: a masquerade for each family and a check of the MAC for each. */
const owners = () => [...ruleset().matchAll(/(masquerade|drop) comment ".* of (\w+)"/g)].map(match => match[2]).sort();

test('rules come with ADD, outlive the agent, are missed by CHECK, and go with DEL and GC', { skip }, async () => {
  const [a] = [await add('a'), await add('b'), await add('c')];
  assert.deepEqual(owners(), ['a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'c']);
  await node.kill('SIGKILL');
  assert.equal(owners().length, 9);
  await node.start();
  assert.equal((await call('CHECK', 'a', a)).exitCode, 0);

  // An ADD that somebody has taken a part of is made whole by nobody behind the pod's back, but CHECK tells.
  execFileSync('nft', ['flush', 'chain', 'bridge', 'underlane', 'mac-spoof']);
  const checked = await call('CHECK', 'a', a);
  assert.equal(checked.exitCode, 1);
  assert.match(
    checked.json.msg,
    /nftables rule "veth\w+, eth0 of a" of chain bridge underlane mac-spoof is missing on the host/,
  );

  assert.equal((await call('DEL', 'a', undefined)).exitCode, 0);
  assert.deepEqual(owners(), ['b', 'b', 'c', 'c']);
  // What comes after finds table and chain, and puts its own into them.
  await add('d');
  assert.deepEqual(owners(), ['b', 'b', 'c', 'c', 'd', 'd', 'd']);
  const valid = { 'cni.dev/valid-attachments': [{ containerID: 'd', ifname: 'eth0' }] };
  const { exitCode, stdout } = await programsOf(node).run('bridge', { CNI_COMMAND: 'GC' }, { ...config, ...valid });
  assert.deepEqual([exitCode, stdout], [0, '']);
  assert.deepEqual(owners(), ['d', 'd', 'd']);
  assert.equal((await call('DEL', 'd', undefined)).exitCode, 0);
  assert.equal(ruleset(), '');
  assert.doesNotMatch(ip('link'), /ulnft0/);
});

test('an ADD that fails leaves no rule', { skip }, async () => {
  const netns = node.makeNetns('e');
  // The kernel refuses the route, which is made last.
  const routes = [{ dst: '192.0.2.0/24', gw: '198.51.100.1' }];
  const { exitCode, json } = await call('ADD', 'e', netns, { ipam: { ...config.ipam, routes } });
  assert.equal(exitCode, 1);
  assert.match(json.msg, /192\.0\.2\.0\/24/);
  assert.equal(ruleset(), '');
  assert.doesNotMatch(ip('link'), /ulnft0/);
});
