import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type JsonObject, SUPPORTED_VERSIONS } from '#cni';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { type Lan, startLan } from '../agent/on-lan.ts';
import { ip, type TestNode } from '../agent/test-node.ts';
import { type ConformanceCase, cases, configOf } from './cases.ts';
import { comparable } from './comparable.ts';
import { KNOWN_DIFFERENCES, withoutDifferences } from './known-differences.ts';
import { makePod } from './pod.ts';
import { noReference, type Outcome, type Programs, programsOf, reference } from './program.ts';

/**
 * ADD, CHECK, DEL and VERSION of every plugin in every version, on ours with and without an API server, and on the
 * reference plugins; results and kernel state compared field by field.
 */
const { skip } = skipUnlessRing2();

let lan: Lan;
const nodes: TestNode[] = [];
/** What ours printed and made, by mode, plugin and version. */
const lives = new Map<string, Life>();
const met = new Set<string>();

before(async () => {
  if (skip) return;
  lan = await startLan();
  nodes.push(await lan.startNode({ name: 'n1', hasApi: false }));
  nodes.push(await lan.startNode({ name: 'n2' }));
});
after(async () => {
  if (!skip) await lan[Symbol.asyncDispose]();
});

/** What a plugin did from ADD to DEL. */
interface Life {
  readonly result: JsonObject;
  readonly state: unknown;
  /** The error number of CHECK, 0 for success. */
  readonly check: number;
}

async function live(programs: Programs, one: ConformanceCase, version: string): Promise<Life> {
  using pod = makePod('ul-conformance');
  const { plugin, dev } = one;
  const config = configOf(one, version, join(lan.dir, 'host-local'));
  const env = { CNI_CONTAINERID: 'c1', CNI_NETNS: pod.path, CNI_IFNAME: dev ?? 'eth0' };
  const call = (command: string, stdin: unknown, changes = {}): Promise<Outcome> =>
    programs.run(plugin, { CNI_COMMAND: command, ...env, ...changes }, stdin);
  const added = await call('ADD', config);
  assert.equal(added.exitCode, 0, added.stdout);
  const state = dev === undefined ? undefined : pod.state(dev);
  const withResult = { ...config, prevResult: added.json };
  const checked = await call('CHECK', withResult);
  for (const [stdin, changes] of [
    [withResult, {}],
    [config, {}],
    [config, { CNI_NETNS: undefined }],
  ] as const) {
    const deleted = await call('DEL', stdin, changes);
    assert.deepEqual([deleted.exitCode, deleted.stdout.trim()], [0, ''], deleted.stdout);
  }
  if (dev === 'eth0') assert.ok(!pod.hasLink('eth0'));
  return { result: added.json as JsonObject, state, check: checked.exitCode === 0 ? 0 : checked.json.code };
}

/** Why the kernel cannot make links of a kind; false when it can. */
function lacksKind(kind: string | undefined): string | false {
  if (kind === undefined || skip) return false;
  ip('link add ulprobe0 type veth peer name ulprobe1');
  try {
    ip(`link add ulprobe2 link ulprobe0 type ${kind}${kind === 'vlan' ? ' id 1' : ''}`);
    return false;
  } catch {
    return `the kernel lacks ${kind}`;
  } finally {
    ip('link del ulprobe0');
  }
}

for (const one of cases) {
  const { plugin } = one;
  const lack = lacksKind(one.kind);
  if (lack !== false) {
    test(`${plugin} lives in every version`, { skip: lack }, () => undefined);
    continue;
  }
  for (const version of SUPPORTED_VERSIONS) {
    for (const [index, mode] of ['without an API server', 'with an API server'].entries()) {
      test(`${plugin} lives in ${version}, ${mode}`, { skip }, async () => {
        const [node] = nodes.slice(index);
        assert.ok(node);
        const life = await live(programsOf(node), one, version);
        lives.set(`${index} ${plugin} ${version}`, life);
        assert.equal(life.result['cniVersion'], version);
        assert.equal(life.check, version < '0.4.0' ? 1 : 0);
        const other = lives.get(`0 ${plugin} ${version}`);
        if (other !== undefined) assert.deepEqual(comparable(life.result), comparable(other.result));
      });
    }
    if (version === '1.1.0') continue;
    test(`${plugin} does in ${version} what the reference does`, { skip: skip || noReference }, async () => {
      const ours = lives.get(`0 ${plugin} ${version}`);
      assert.ok(ours, 'ours did not live');
      const theirs = await live(reference, one, version);
      // The reference leaves its bridge to the next pod.
      if (plugin === 'bridge') ip('link del ulconf0');
      const corrected = withoutDifferences(plugin, version, theirs.result);
      for (const name of corrected.met) met.add(name);
      assert.deepEqual(comparable(ours.result), comparable(corrected.result));
      assert.deepEqual(ours.state, theirs.state);
      assert.equal(ours.check, theirs.check);
    });
  }
  test(`${plugin} answers VERSION with all that the reference knows, and 1.1.0`, {
    skip: skip || noReference,
  }, async () => {
    const [node] = nodes;
    assert.ok(node);
    const ask = (programs: Programs) => programs.run(plugin, { CNI_COMMAND: 'VERSION' }, { cniVersion: '1.0.0' });
    const [ours, theirs] = [await ask(programsOf(node)), await ask(reference)];
    assert.deepEqual([ours.exitCode, theirs.exitCode], [0, 0]);
    assert.deepEqual(ours.json.supportedVersions, [...theirs.json.supportedVersions, '1.1.0']);
    assert.equal(ours.json.cniVersion, '1.1.0');
  });
}

test('every known difference is still there', { skip: skip || noReference }, () => {
  assert.deepEqual([...met].sort(), KNOWN_DIFFERENCES.map(({ name }) => name).sort());
});
