import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { adoptIfAny, HOST_LOCAL_DIR, loadHandOver, takeBackIfAny } from '#attach';
import { silentLog } from '#base';
import { parseRequest } from '#cni';
import { createNamespace, deleteNamespace } from '#netns';
import { startTestAttacher, type TestAttacher } from '../../src/attach/testing.ts';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { ip } from '../attach/world.ts';
import { noReference, REFERENCE_DIR } from '../conformance/program.ts';
import { type Container, cacheFiles, createMultus, type DelegateConf, type Multus, ROOT_NETWORK } from './multus.ts';

/** Pods that Multus made, in the hands of Underlane, and back. */
const { skip } = skipUnlessRing2();

/** Leaves a file a container and interface while it is plugged in; tells what it was called with. */
const CABLE = `#!/bin/sh
here=$(dirname "$0")
conf=$(cat)
printf '%s %s %s\\n' "$CNI_COMMAND" "$CNI_IFNAME" "$conf" >>"$here/calls-$CNI_CONTAINERID"
if [ -e "$here/fail-$CNI_COMMAND" ]; then
  echo '{"code":11,"msg":"not now"}'
  exit 1
fi
case $CNI_COMMAND in
  ADD) : >"$here/plugged-$CNI_CONTAINERID-$CNI_IFNAME"
    printf '%s' "$conf" | sed 's/.*"prevResult"://; s/}$//' ;;
  DEL) rm -f "$here/plugged-$CNI_CONTAINERID-$CNI_IFNAME" ;;
esac
`;

let dir: string;
let places: { cniDir: string; runtimeDir: string; binDirs: readonly string[] };
let multus: Multus;
let node: TestAttacher;
let containers: Container[];
let networks: readonly DelegateConf[];
let before: unknown;

beforeEach(async () => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'underlane-adopt-'));
  for (const name of ['bin', 'conf']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'bin', 'cable'), CABLE, { mode: 0o755 });
  places = {
    cniDir: join(dir, 'multus'),
    runtimeDir: join(dir, 'cni'),
    binDirs: [join(dir, 'bin'), ...(noReference === false ? [REFERENCE_DIR] : [])],
  };
  ip('link add up0 type veth peer name up1');
  ip('link set up0 up');
  multus = createMultus(places);
  networks = [
    {
      name: 'lan',
      config: {
        cniVersion: '0.4.0',
        name: 'lan',
        plugins: [{ type: 'fake', unknownKey: { a: [1] } }, { type: 'cable' }],
      },
    },
    { name: 'default/second', config: { cniVersion: '0.3.1', name: 'second', type: 'fake', deviceID: '0000:01' } },
  ];
  writeFileSync(join(dir, 'bin', 'fake'), FAKE, { mode: 0o755 });
  containers = [];
  node = await start();
  before = leftOvers();
});
afterEach(async () => {
  if (skip) return;
  await node[Symbol.asyncDispose]();
  for (const { netns } of containers) deleteNamespace(netns);
  ip('link del up0');
  if (ip('link').includes('ultest1')) ip('link del ultest1');
  rmSync(dir, { recursive: true, force: true });
});

/** Makes a dummy stand-in interface: a veth whose host end is named after the container. */
const FAKE = `#!/bin/sh
here=$(dirname "$0")
conf=$(cat)
printf '%s %s %s\\n' "$CNI_COMMAND" "$CNI_IFNAME" "$conf" >>"$here/calls-$CNI_CONTAINERID"
host=f$CNI_CONTAINERID$CNI_IFNAME
case $CNI_COMMAND in
  ADD) ip link add "$host" type veth peer name "$CNI_IFNAME" netns "$(basename "$CNI_NETNS")" || exit 1
    version=$(printf '%s' "$conf" | sed 's/.*"cniVersion":"\\([^"]*\\)".*/\\1/')
    echo "{\\"cniVersion\\":\\"$version\\",\\"interfaces\\":[{\\"name\\":\\"$CNI_IFNAME\\",\\"sandbox\\":\\"$CNI_NETNS\\"}],\\"ips\\":[]}" ;;
  DEL) ip link del "$host" 2>/dev/null || true ;;
esac
`;

function start(): Promise<TestAttacher> {
  const foreign = { multusDir: places.cniDir, runtimeDir: places.runtimeDir };
  return startTestAttacher(dir, { binDirs: places.binDirs, foreign });
}

/** What a restart of the agent does. */
async function adopt(): Promise<void> {
  const { foreign, journal } = node.deps;
  if (foreign === undefined) return;
  await takeBackIfAny(dir, foreign, journal, silentLog);
  await adoptIfAny(foreign, journal, silentLog);
}

async function restart(): Promise<void> {
  await node[Symbol.asyncDispose]();
  node = await start();
  await adopt();
}

async function makePod(id: string): Promise<Container> {
  const container = { id, netns: `/run/netns/ul-test-${id}` };
  createNamespace(container.netns);
  containers.push(container);
  await multus.add(container, networks);
  return container;
}

function call(command: 'ADD' | 'DEL' | 'CHECK' | 'GC', container?: Container, more: object = {}): Promise<string> {
  const { id, netns } = container ?? { id: '', netns: '' };
  const args = `IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=pod-${id};K8S_POD_UID=uid-${id}`;
  return node.attacher.handle(
    parseRequest({
      plugin: 'multus-shim',
      stdin: JSON.stringify({ cniVersion: '1.1.0', name: ROOT_NETWORK, type: 'multus-shim', ...more }),
      env: {
        CNI_COMMAND: command,
        CNI_PATH: dir,
        ...(container === undefined
          ? {}
          : { CNI_CONTAINERID: id, CNI_IFNAME: 'eth0', CNI_NETNS: netns, CNI_ARGS: args }),
      },
    }),
    { signal: new AbortController().signal },
  );
}

function leftOvers(): unknown {
  const names = (json: string): readonly string[] =>
    (JSON.parse(json) as { ifname: string }[]).map(({ ifname }) => ifname).filter(name => name !== 'ultest1');
  return {
    links: names(ip('-j link')).toSorted(),
    pods: containers.flatMap(({ netns }) => names(ip(`-n ${netns.slice('/run/netns/'.length)} -j link`))),
    plugged: readdirSync(join(dir, 'bin')).filter(name => name.startsWith('plugged-')),
    caches: cacheFiles(places),
    journal: readdirSync(join(dir, 'journal')),
    addresses: filesBelow(join(dir, 'networks')),
  };
}

function filesBelow(folder: string): readonly string[] {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    return files.filter(file => file.isFile() && /^\d+\.\d+\.\d+\.\d+$/.test(file.name)).map(({ name }) => name);
  } catch {
    return []; // nobody has been given an address
  }
}

/** As if there had never been any pod but those that are there now, without anything but `lo`. */
function clean(): unknown {
  return { ...(before as object), pods: containers.map(() => 'lo') };
}

describe('adoptIfAny()', { skip }, () => {
  test('20 pods of Multus: half deleted through us, half by Multus when we are gone, nothing leaks', async () => {
    for (let index = 0; index < 20; index++) await makePod(`c${index}`);
    await restart();
    assert.equal(node.deps.journal.list().length, 20);
    for (const container of containers.slice(0, 10)) assert.equal(await call('DEL', container), '');
    assert.equal(node.deps.journal.list().length, 10);
    for (const container of containers.slice(10)) assert.equal(await multus.del(container), 'done');
    // We come back: what Multus has deleted is no longer ours.
    await restart();
    assert.deepEqual(leftOvers(), clean());
  });

  test("the same with Debian's bridge, macvlan and host-local", { skip: noReference }, async () => {
    const ipam = { type: 'host-local', subnet: '10.77.0.0/24', dataDir: join(dir, 'networks') };
    networks = [
      {
        name: 'kubenet',
        config: {
          cniVersion: '1.0.0',
          name: 'kubenet',
          plugins: [{ type: 'bridge', bridge: 'ultest1', isGateway: true, ipMasq: false, ipam }, { type: 'cable' }],
        },
      },
      {
        name: 'default/uplink',
        config: {
          cniVersion: '0.3.1',
          name: 'uplink',
          type: 'macvlan',
          master: 'up0',
          ipam: { ...ipam, subnet: '10.78.0.0/24' },
        },
      },
    ];
    for (let index = 0; index < 20; index++) await makePod(`d${index}`);
    assert.equal(filesBelow(join(dir, 'networks')).length, 40);
    await restart();
    for (const container of containers.filter((_, index) => index % 2 === 0)) await call('DEL', container);
    assert.equal(filesBelow(join(dir, 'networks')).length, 20);
    for (const container of containers.filter((_, index) => index % 2 === 1)) await multus.del(container);
    await restart();
    assert.deepEqual(leftOvers(), clean());
  });

  test('a DEL gets the recorded configuration, arguments and result, in reverse', async () => {
    const container = await makePod('rev');
    await restart();
    await call('DEL', container);
    const calls = readFileSync(join(dir, 'bin', 'calls-rev'), 'utf8')
      .trim()
      .split('\n')
      .slice(-3);
    const seen = calls.map(line => {
      const [command, ifname, ...json] = line.split(' ');
      return { command, ifname, conf: JSON.parse(json.join(' ')) };
    });
    assert.deepEqual(
      seen.map(({ command, ifname, conf }) => `${command} ${ifname} ${conf.type}`),
      ['DEL net1 fake', 'DEL eth0 cable', 'DEL eth0 fake'],
    );
    // 0.3.1 knows no prevResult on DEL.
    assert.deepEqual(seen[0]?.conf, { cniVersion: '0.3.1', name: 'second', type: 'fake', deviceID: '0000:01' });
    assert.deepEqual(seen[2]?.conf.unknownKey, { a: [1] });
    assert.equal(seen[2]?.conf.prevResult.interfaces[0].name, 'eth0');
    assert.equal(seen[2]?.conf.prevResult.cniVersion, '0.4.0');
  });

  test('what Multus attached after our start, while the runtime still called it, is undone by our DEL, too', async () => {
    const [known] = [await makePod('known')];
    await restart();
    const [late, broken] = [await makePod('late'), await makePod('broken')];
    writeFileSync(join(places.cniDir, 'broken'), '');
    assert.equal(await call('CHECK', late), '');
    for (const container of [late, broken, known]) assert.equal(await call('DEL', container), '');
    // Runtimes repeat themselves.
    assert.equal(await call('DEL', late), '');
    assert.deepEqual(leftOvers(), clean());
  });

  test('a DEL that fails keeps entry and cache files for the next', async () => {
    const container = await makePod('stays');
    await restart();
    writeFileSync(join(dir, 'bin', 'fail-DEL'), '');
    await assert.rejects(call('DEL', container), /not now/);
    assert.equal(cacheFiles(places).length, 3);
    rmSync(join(dir, 'bin', 'fail-DEL'));
    // Also over a restart: half undone is not forgotten.
    await restart();
    await node.attacher.recover();
    assert.deepEqual(leftOvers(), clean());
  });

  test('a corrupt or missing delegate cache: libcni knows enough', async () => {
    const [corrupt, missing] = [await makePod('corrupt'), await makePod('missing')];
    writeFileSync(join(places.cniDir, 'corrupt'), '[{"Conf":');
    rmSync(join(places.cniDir, 'missing'));
    await restart();
    await call('DEL', corrupt);
    await call('DEL', missing);
    assert.deepEqual(leftOvers(), clean());
  });

  test('files that are no cache are left, and keep nobody from starting', async () => {
    for (const [name, text] of [
      ['empty', ''],
      ['list', '[]'],
      ['null', '[null]'],
      ['text', 'hello'],
      ['bytes', '[{"Bytes":"bm90IGpzb24="}]'],
      ['loop', `[{"Bytes":"${Buffer.from('{"cniVersion":"1.0.0","name":"x","type":"multus"}').toString('base64')}"}]`],
      ['not a container', '[]'],
    ] as const) {
      writeFileSync(join(places.cniDir, name), text);
    }
    writeFileSync(join(places.cniDir, 'results', 'x'), '{"kind":"cniCacheV1"');
    writeFileSync(join(places.cniDir, 'results', 'y'), '[]');
    await restart();
    assert.deepEqual(node.deps.journal.list(), []);
    assert.equal(cacheFiles(places).length, 9);
  });

  test('networks of a runtime without Multus are left alone', async () => {
    const own = {
      kind: 'cniCacheV1',
      containerId: 'own',
      ifName: 'eth0',
      networkName: 'podman',
      netns: '/x',
      result: {},
    };
    const config = Buffer.from('{"cniVersion":"1.0.0","name":"podman","type":"fake"}').toString('base64');
    writeFileSync(join(places.runtimeDir, 'results', 'podman-own-eth0'), JSON.stringify({ ...own, config }));
    await restart();
    assert.deepEqual(node.deps.journal.list(), []);
  });

  test('GC covers them by the network that the runtime had asked Multus for', async () => {
    const [alive] = [await makePod('alive'), await makePod('dead')];
    await restart();
    await call('GC', undefined, { 'cni.dev/valid-attachments': [], name: 'another-network' }).catch(() => undefined);
    assert.equal(node.deps.journal.list().length, 2);
    const valid = [{ containerID: alive.id, ifname: 'eth0' }];
    // The network itself is gone, which the GC says; what is stale goes all the same.
    await call('GC', undefined, { 'cni.dev/valid-attachments': valid }).catch(() => undefined);
    assert.deepEqual(
      node.deps.journal.list().map(({ key }) => key.containerId),
      ['alive'],
    );
    assert.equal(await call('CHECK', alive), '');
    await call('DEL', alive);
    assert.deepEqual(leftOvers(), clean());
  });

  test('a program that is gone: our own means take link and node-local address away', {
    skip: noReference,
  }, async () => {
    const ipam = { type: 'host-local', subnet: '10.79.0.0/24', dataDir: join(dir, 'networks') };
    networks = [
      { name: 'uplink', config: { cniVersion: '1.0.0', name: 'uplink', type: 'macvlan', master: 'up0', ipam } },
    ];
    const container = await makePod('orphan');
    assert.equal(filesBelow(join(dir, 'networks')).length, 1);
    places.binDirs = [join(dir, 'bin')];
    await restart();
    await call('DEL', container);
    assert.deepEqual(leftOvers(), clean());
  });

  test('addresses that the reference plugin holds are not given out again', async () => {
    assert.equal(HOST_LOCAL_DIR, '/var/lib/cni/networks');
    mkdirSync(join(dir, 'networks', 'shared'), { recursive: true });
    for (const address of ['10.80.0.2', '10.80.0.3', 'last_reserved_ip.0', 'lock']) {
      writeFileSync(join(dir, 'networks', 'shared', address), 'somebody\r\neth0');
    }
    const netns = '/run/netns/ul-test-ours';
    createNamespace(netns);
    containers.push({ id: 'ours', netns });
    const stdout = await node.attacher.handle(
      parseRequest({
        plugin: 'macvlan',
        stdin: JSON.stringify({
          ...{ cniVersion: '1.0.0', name: 'shared', type: 'macvlan', master: 'up0' },
          ipam: { type: 'host-local', subnet: '10.80.0.0/24' },
        }),
        env: { CNI_COMMAND: 'ADD', CNI_PATH: dir, CNI_CONTAINERID: 'ours', CNI_IFNAME: 'eth0', CNI_NETNS: netns },
      }),
      { signal: new AbortController().signal },
    );
    assert.equal(JSON.parse(stdout).ips[0].address, '10.80.0.4/24');
  });
});

describe('handOver()', { skip }, () => {
  const MIXED = {
    cniVersion: '1.0.0',
    name: 'mixed',
    plugins: [
      { type: 'macvlan', master: 'up0', ipam: { type: 'host-local', subnet: '10.81.0.0/24' } },
      { type: 'cable', unknownKey: 1 },
    ],
  };

  async function makeOwn(id: string): Promise<Container> {
    writeFileSync(join(dir, 'conf', '10-mixed.conflist'), JSON.stringify(MIXED));
    const container = { id, netns: `/run/netns/ul-test-${id}` };
    createNamespace(container.netns);
    containers.push(container);
    await call('ADD', container);
    return container;
  }

  test('of pods that we made Multus deletes what third-party plugins did; when we come back, the rest goes', async () => {
    const [kept, deleted] = [await makeOwn('kept'), await makeOwn('deleted')];
    const handOver = await loadHandOver();
    const said = handOver(dir, places.cniDir);
    assert.match(said.join(), /2 containers .* of 2 Multus finds/);
    assert.equal(cacheFiles(places).length, 4);
    assert.deepEqual(plugged(), ['plugged-deleted-eth0', 'plugged-kept-eth0']);
    assert.equal(await multus.del(deleted), 'done');
    // What the runtime does then.
    deleteNamespace(deleted.netns);
    containers = [kept];
    assert.deepEqual(plugged(), ['plugged-kept-eth0']);
    const last =
      readFileSync(join(dir, 'bin', 'calls-deleted'), 'utf8')
        .trim()
        .split('\n')
        .at(-1) ?? '';
    assert.equal(JSON.parse(last.replace('DEL eth0 ', '')).prevResult.ips[0].address.startsWith('10.81.0.'), true);
    await restart();
    await node.attacher.recover();
    assert.deepEqual(cacheFiles(places), []);
    assert.deepEqual(
      node.deps.journal.list().map(({ key }) => key.containerId),
      ['kept'],
    );
    assert.equal(await call('DEL', kept), '');
    assert.deepEqual(leftOvers(), clean());
  });

  test('pods that run keep what they have, whatever has become of what Multus was given', async () => {
    const pods = [await makeOwn('tidied'), await makeOwn('rubbish')];
    const gone = await makeOwn('gone');
    const handOver = await loadHandOver();
    handOver(dir, places.cniDir);
    assert.equal(await call('DEL', gone), '');
    rmSync(join(places.cniDir, 'tidied'));
    writeFileSync(join(places.cniDir, 'rubbish'), '[{');
    await restart();
    await node.attacher.recover();
    assert.deepEqual(cacheFiles(places), []);
    assert.equal(node.deps.journal.list().length, 2);
    assert.deepEqual(plugged(), ['plugged-rubbish-eth0', 'plugged-tidied-eth0']);
    assert.equal(await call('CHECK', pods[0]), '');
    for (const pod of pods) assert.equal(await call('DEL', pod), '');
    assert.deepEqual(plugged(), []);
  });

  test('leaves what Multus knows itself, and can be repeated', async () => {
    await makePod('theirs');
    await makeOwn('ours');
    await restart();
    const handOver = await loadHandOver();
    const before = readFileSync(join(places.cniDir, 'theirs'), 'utf8');
    handOver(dir, places.cniDir);
    const files = cacheFiles(places);
    handOver(dir, places.cniDir);
    assert.deepEqual(cacheFiles(places), files);
    assert.equal(readFileSync(join(places.cniDir, 'theirs'), 'utf8'), before);
    await makeOwn('later');
    handOver(dir, places.cniDir);
    // All of them are taken back.
    await restart();
    assert.deepEqual(
      cacheFiles(places).filter(name => !name.includes('theirs')),
      [],
    );
  });
});

function plugged(): readonly string[] {
  return readdirSync(join(dir, 'bin'))
    .filter(name => name.startsWith('plugged-'))
    .sort();
}
