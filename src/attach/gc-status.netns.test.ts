import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { parseRequest } from '#cni';
import { createNamespace, deleteNamespace } from '#netns';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { startTestAttacher, type TestAttacher } from './testing.ts';

/** GC and STATUS on a real kernel, plain CNI without an API server. */
const { skip } = skipUnlessRing2();

const GC_KEY = 'cni.dev/valid-attachments';
let dir: string;
let node: TestAttacher;
const pods: string[] = [];

beforeEach(async () => {
  if (skip) return;
  ip('link add up0 type veth peer name up1');
  ip('link set up0 up');
  ip('link set up1 up');
  dir = mkdtempSync(join(tmpdir(), 'underlane-gc-'));
  mkdirSync(join(dir, 'bin'));
  mkdirSync(join(dir, 'conf'));
  node = await startTestAttacher(dir);
});
afterEach(async () => {
  if (skip) return;
  await node[Symbol.asyncDispose]();
  for (const pod of pods.splice(0)) deleteNamespace(pod);
  ip('link del up0');
  rmSync(dir, { recursive: true, force: true });
});

function ip(command: string): string {
  return execFileSync('ip', command.split(' '), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

const lan = {
  cniVersion: '1.1.0',
  name: 'lan',
  plugins: [{ type: 'macvlan', master: 'up0', ipam: { type: 'host-local', subnet: '172.18.0.0/24' } }],
};

interface Call {
  readonly plugin?: string;
  readonly network?: string;
  readonly delegate?: unknown;
  readonly keys?: object;
}

/** What a runtime sends: for the pipeline our own configuration, with the default network inline where one is given. */
function call(command: string, containerId: string, options: Call = {}): Promise<string> {
  const { plugin = 'underlane', network = 'cluster', delegate = lan, keys = {} } = options;
  const stdin = JSON.stringify({
    cniVersion: '1.1.0',
    name: network,
    type: plugin,
    ...(plugin === 'underlane' && delegate !== null ? { delegates: [delegate] } : {}),
    ...keys,
  });
  const isAttachment = command !== 'GC' && command !== 'STATUS';
  const env = {
    CNI_COMMAND: command,
    CNI_PATH: dir,
    ...(isAttachment ? { CNI_CONTAINERID: containerId, CNI_IFNAME: 'eth0' } : {}),
    ...(isAttachment ? { CNI_NETNS: command === 'ADD' ? makePod(containerId) : podPath(containerId) } : {}),
  };
  return node.attacher.handle(parseRequest({ plugin, env, stdin }), { signal: new AbortController().signal });
}

function podPath(name: string): string {
  return `/run/netns/ul-test-${name}`;
}

function makePod(name: string): string {
  const path = podPath(name);
  createNamespace(path);
  pods.push(path);
  return path;
}

function valid(...containers: readonly string[]) {
  return { keys: { [GC_KEY]: containers.map(containerID => ({ containerID, ifname: 'eth0' })) } };
}

function known(): readonly string[] {
  return node.deps.journal
    .list()
    .map(({ key }) => key.containerId)
    .sort();
}

function hasInterface(name: string): boolean {
  return ip(`-n ul-test-${name} link`).includes('eth0');
}

/** A third-party plugin that notes what it got and passes `prevResult` through; `body` may do more. */
function plugin(name: string, body = ''): void {
  const text = `#!/bin/sh
conf=$(cat)
here=$(dirname "$0")
printf '%s [%s%s] %s\\n' "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_IFNAME" "$conf" >>"$here/${name}.log"
${body}
[ "$CNI_COMMAND" = ADD ] && printf %s "$conf" | sed 's/.*"prevResult"://; s/}$//'
exit 0
`;
  writeFileSync(join(dir, 'bin', name), text, { mode: 0o755 });
}

interface Heard {
  readonly command: string;
  readonly about: string;
  readonly config: Readonly<Record<string, unknown>>;
}

function heard(name: string, command: string): readonly Heard[] {
  const path = join(dir, 'bin', `${name}.log`);
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  return lines.flatMap(line => {
    const [verb = '', about = ''] = line.split(' ', 2);
    const config = JSON.parse(line.slice(verb.length + about.length + 2)) as Heard['config'];
    return verb === command ? [{ command: verb, about, config }] : [];
  });
}

test('GC takes back what the runtime does not name, and only that', { skip }, async () => {
  for (const name of ['a', 'b', 'c']) await call('ADD', name);
  assert.equal(await call('GC', '', valid('a')), '');
  assert.deepEqual(known(), ['a']);
  assert.deepEqual(['a', 'b', 'c'].map(hasInterface), [true, false, false]);
  await call('CHECK', 'a');
  // The addresses are free again: host-local goes round the range and comes back to them.
  assert.deepEqual(
    node.deps.journal.list().flatMap(({ attachments }) => attachments.map(({ leases }) => leases.length)),
    [1],
  );
  await call('GC', '', valid());
  assert.deepEqual(known(), []);
});

test('GC without the list takes nothing back; with an empty one, or null, everything', { skip }, async () => {
  plugin('cable');
  const delegate = { ...lan, plugins: [...lan.plugins, { type: 'cable' }] };
  await call('ADD', 'a', { delegate });
  await call('GC', '', { delegate });
  assert.deepEqual(known(), ['a']);
  // A plugin that we exec would take a missing list for an empty one.
  assert.deepEqual(heard('cable', 'GC'), []);
  await call('GC', '', { delegate, keys: { [GC_KEY]: null } });
  assert.deepEqual(known(), []);
});

test('GC leaves attachments with another root alone', { skip }, async () => {
  await call('ADD', 'a');
  await call('ADD', 'b', { network: 'other-runtime' });
  await call('ADD', 'c', { plugin: 'macvlan', network: 'cluster', keys: { master: 'up0' } });
  await call('GC', '', valid());
  assert.deepEqual(known(), ['b', 'c']);
  await call('GC', '', {
    ...valid('c'),
    plugin: 'macvlan',
    network: 'cluster',
    keys: { ...valid('c').keys, master: 'up0' },
  });
  assert.deepEqual(known(), ['b', 'c']);
  await call('GC', '', { plugin: 'macvlan', network: 'cluster', keys: { ...valid().keys, master: 'up0' } });
  assert.deepEqual(known(), ['b']);
});

test('GC leaves an ADD that is under way alone', { skip }, async () => {
  plugin('slow', `[ "$CNI_COMMAND" = ADD ] && { echo >"$here/begun"; read line <"$here/go"; }`);
  const [begun, go] = [join(dir, 'bin', 'begun'), join(dir, 'bin', 'go')];
  execFileSync('mkfifo', [begun, go]);
  const delegate = { ...lan, plugins: [...lan.plugins, { type: 'slow' }] };
  const adding = call('ADD', 'a', { delegate });
  await readFile(begun);
  await call('GC', '', { ...valid(), delegate });
  assert.deepEqual(
    heard('slow', 'GC').map(({ config }) => config[GC_KEY]),
    [[{ containerID: 'a', ifname: 'eth0' }]],
  );
  await writeFile(go, 'go\n');
  await adding;
  assert.deepEqual(known(), ['a']);
  assert.ok(hasInterface('a'));
});

test('GC asks the default network’s third-party plugins, with both names of the list', { skip }, async () => {
  plugin('cable');
  const delegate = { ...lan, plugins: [...lan.plugins, { type: 'cable', speed: 9 }] };
  await call('ADD', 'a', { delegate });
  await call('ADD', 'b', { delegate, network: 'other-runtime' });
  await call('ADD', 'gone', { delegate });
  await call('GC', '', { ...valid('a', 'never-seen'), delegate });
  const list = ['a', 'never-seen', 'b'].map(containerID => ({ containerID, ifname: 'eth0' }));
  assert.deepEqual(heard('cable', 'GC'), [
    {
      command: 'GC',
      about: '[]',
      config: {
        type: 'cable',
        speed: 9,
        cniVersion: '1.1.0',
        name: 'lan',
        [GC_KEY]: list,
        'cni.dev/attachments': list,
      },
    },
  ]);
});

/** Networks written out besides the default one. */
function withSecond(second: object): object {
  return { keys: { delegates: [lan, { cniVersion: '1.1.0', name: 'second', ...second }] }, delegate: null };
}

test('GC goes to the third-party plugins of every network of the pods, each with all attachments of its own', {
  skip,
}, async () => {
  plugin('cable');
  plugin(
    'cableipam',
    `[ "$CNI_COMMAND" = ADD ] && { echo '{"cniVersion":"1.1.0","ips":[{"address":"10.9.0.5/16"}]}'; exit 0; }`,
  );
  const second = {
    plugins: [
      { type: 'macvlan', master: 'up0', ipam: { type: 'cableipam' } },
      { type: 'cable', speed: 9, capabilities: { mac: true }, args: { cni: { a: 1 } } },
    ],
  };
  for (const name of ['a', 'b', 'gone']) await call('ADD', name, withSecond(second));
  await call('ADD', 'other', { ...withSecond(second), network: 'other-runtime' });
  const { keys } = withSecond(second) as { readonly keys: object };
  await call('GC', '', { keys: { ...keys, ...valid('a', 'b').keys }, delegate: null });
  assert.deepEqual(known(), ['a', 'b', 'other']);
  const list = ['a', 'b', 'other'].map(containerID => ({ containerID, ifname: 'net1' }));
  const config = { cniVersion: '1.1.0', name: 'second', [GC_KEY]: list, 'cni.dev/attachments': list };
  assert.deepEqual(heard('cable', 'GC'), [
    { command: 'GC', about: '[]', config: { type: 'cable', speed: 9, ...config } },
  ]);
  assert.deepEqual(
    heard('cableipam', 'GC').map(({ config: { type, ...rest } }) => [type, rest['name'], rest[GC_KEY]]),
    [['macvlan', 'second', list]],
  );
});

test('GC goes to the default network alone when the runtime knows a container that the journal does not', {
  skip,
}, async () => {
  plugin('cable');
  await call('ADD', 'a', withSecond({ plugins: [...lan.plugins, { type: 'cable' }] }));
  const { keys } = withSecond({ plugins: [...lan.plugins, { type: 'cable' }] }) as { readonly keys: object };
  // Its second interface may be in use.
  await call('GC', '', { keys: { ...keys, ...valid('a', 'never-seen').keys }, delegate: null });
  assert.deepEqual(heard('cable', 'GC'), []);
  await call('GC', '', { keys: { ...keys, ...valid('a').keys }, delegate: null });
  assert.equal(heard('cable', 'GC').length, 1);
});

test('GC leaves out a network of the pods that forbids it, or is too old for it', { skip }, async () => {
  plugin('cable');
  for (const [name, changes] of [
    ['a', { disableGC: true }],
    ['b', { cniVersion: '1.0.0' }],
  ] as const) {
    const second = withSecond({ plugins: [...lan.plugins, { type: 'cable' }], ...changes });
    await call('ADD', name, second);
    const { keys } = second as { readonly keys: object };
    await call('GC', '', { keys: { ...keys, ...valid('a', 'b').keys }, delegate: null });
    await call('GC', '', { keys: { ...keys, ...valid(...known()).keys }, delegate: null });
  }
  assert.deepEqual(heard('cable', 'GC'), []);
});

test('GC asks no plugin of a network that is too old for it or forbids it', { skip }, async () => {
  plugin('cable');
  for (const changes of [{ cniVersion: '1.0.0' }, { disableGC: true }, { disableGC: 'true' }]) {
    const delegate = { ...lan, ...changes, plugins: [{ type: 'cable' }] };
    await call('GC', '', { ...valid(), delegate });
  }
  assert.deepEqual(heard('cable', 'GC'), []);
});

test('GC goes on past what fails, and reports it', { skip }, async () => {
  plugin(
    'stuck',
    `case $CNI_COMMAND$CNI_CONTAINERID in DELa|GC) echo '{"code":123,"msg":"no such cable"}'; exit 1;; esac`,
  );
  plugin('cable');
  const delegate = { ...lan, plugins: [...lan.plugins, { type: 'stuck' }, { type: 'cable' }] };
  for (const name of ['a', 'b']) await call('ADD', name, { delegate });
  await assert.rejects(call('GC', '', { ...valid(), delegate }), error => {
    assert.ok(error instanceof AggregateError);
    assert.equal(error.errors.length, 2);
    return true;
  });
  assert.deepEqual(known(), ['a']);
  assert.deepEqual(['a', 'b'].map(hasInterface), [false, false]);
  assert.equal(heard('cable', 'GC').length, 1);
});

test('GC of one plugin by its own name asks its third-party ipam', { skip }, async () => {
  plugin('myipam');
  const keys = { master: 'up0', ipam: { type: 'myipam' }, ...valid('x').keys };
  await call('GC', '', { plugin: 'macvlan', network: 'lan', keys });
  assert.deepEqual(
    heard('myipam', 'GC').map(({ config }) => [config['type'], config['name'], config[GC_KEY]]),
    [['macvlan', 'lan', [{ containerID: 'x', ifname: 'eth0' }]]],
  );
});

test('STATUS is well when the default network can be used, full pool or not', { skip }, async () => {
  assert.equal(await call('STATUS', ''), '');
  const full = {
    ...lan,
    plugins: [{ type: 'macvlan', master: 'up0', ipam: { type: 'host-local', subnet: '172.18.0.0/30' } }],
  };
  await call('ADD', 'a', { delegate: full });
  await assert.rejects(call('ADD', 'b', { delegate: full }));
  assert.equal(await call('STATUS', '', { delegate: full }), '');
});

test('STATUS is 50 when no ADD could work, and says why', { skip }, async () => {
  for (const [delegate, message] of [
    [null, /Cannot find a default network/],
    [{ ...lan, plugins: [{ type: 'macvlam' }] }, /type is "macvlam"/],
    [{ ...lan, plugins: [{ type: 'macvlan', mode: 'x' }] }, /mode is "x"/],
    [
      { ...lan, plugins: [{ type: 'macvlan', master: 'up0', ipam: { type: 'whereabouts', range: '10.0.0.0/24' } }] },
      /"whereabouts".*has no API server/,
    ],
  ] as const) {
    await assert.rejects(call('STATUS', '', { delegate }), { cniCode: 50, message });
  }
});

test('STATUS passes on what a third-party plugin says of itself, and asks none that is too old', { skip }, async () => {
  plugin('ready');
  plugin('hurt', `[ "$CNI_COMMAND" = STATUS ] && { echo '{"code":51,"msg":"half of it","details":"left"}'; exit 1; }`);
  const delegate = { ...lan, plugins: [{ type: 'ready' }, { type: 'hurt' }, { type: 'never' }] };
  plugin('never');
  await assert.rejects(call('STATUS', '', { delegate }), { cniCode: 51, explanation: 'left', message: /half of it/ });
  assert.deepEqual(
    heard('ready', 'STATUS').map(({ config }) => config),
    [{ type: 'ready', cniVersion: '1.1.0', name: 'lan' }],
  );
  assert.deepEqual(heard('never', 'STATUS'), []);
  assert.equal(await call('STATUS', '', { delegate: { ...delegate, cniVersion: '1.0.0' } }), '');
  const keys = { master: 'up0', ipam: { type: 'hurt' } };
  await assert.rejects(call('STATUS', '', { plugin: 'macvlan', network: 'lan', keys }), { cniCode: 51 });
});
