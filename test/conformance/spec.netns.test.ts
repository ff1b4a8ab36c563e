import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { setEachLan } from '../agent/on-lan.ts';
import type { TestCluster } from '../agent/test-cluster.ts';
import type { TestNode } from '../agent/test-node.ts';
import { makePod, type TestPod } from './pod.ts';
import { type Outcome, programsOf } from './program.ts';
import { expectedIn, resultIn, VERSIONS } from './vectors.ts';

/** What the reference, as Debian has it, does not know yet: 1.1.0, GC and STATUS, by the specification's own words. */
const { skip } = skipUnlessRing2();

const VALID = 'cni.dev/valid-attachments';
const ipam = { type: 'host-local', subnet: '172.18.0.0/24' };
const MACVLAN = { cniVersion: '1.1.0', name: 'spec', type: 'macvlan', master: 'up0', ipam };
const PIPELINE = { cniVersion: '1.1.0', name: 'cluster', type: 'underlane', delegates: [{ ...MACVLAN, name: 'lan' }] };

for (const hasApi of [false, true]) {
  describe(`${hasApi ? 'with' : 'without'} an API server`, () => {
    let cluster: TestCluster;
    let node: TestNode;
    const pods: TestPod[] = [];

    setEachLan(skip, async lan => {
      ({ cluster } = lan);
      node = await lan.startNode({ hasApi });
    });
    afterEach(() => {
      for (const pod of pods.splice(0)) pod[Symbol.dispose]();
    });

    /** GC and STATUS get what the specification gives them: CNI_COMMAND and CNI_PATH alone. */
    function ask(command: 'GC' | 'STATUS', config: object): Promise<Outcome> {
      return programsOf(node).run(pluginOf(config), { CNI_COMMAND: command }, config);
    }

    function call(command: string, containerId: string, config: object): Promise<Outcome> {
      const env = { CNI_COMMAND: command, CNI_CONTAINERID: containerId, CNI_IFNAME: 'eth0' };
      return programsOf(node).run(pluginOf(config), { ...env, CNI_NETNS: `/run/netns/ul-spec-${containerId}` }, config);
    }

    async function add(containerId: string, config: object): Promise<TestPod> {
      const pod = makePod(`ul-spec-${containerId}`);
      pods.push(pod);
      const { exitCode, stdout } = await call('ADD', containerId, config);
      assert.equal(exitCode, 0, stdout);
      return pod;
    }

    function assertDone({ exitCode, stdout }: Outcome): void {
      assert.deepEqual([exitCode, stdout], [0, '']);
    }

    function assertError({ exitCode, json }: Outcome, code: number, message: RegExp): void {
      assert.deepEqual([exitCode, json.code], [1, code]);
      assert.match(json.msg, message);
    }

    test('a result of any version, passed through a plugin of any other, says what both can say', {
      skip,
    }, async () => {
      const pod = makePod('ul-spec-through');
      pods.push(pod);
      for (const from of VERSIONS) {
        for (const to of VERSIONS) {
          const config = { cniVersion: to, name: 'spec', type: 'loopback', prevResult: resultIn(from) };
          const { exitCode, json, stdout } = await call('ADD', 'through', config);
          assert.equal(exitCode, 0, stdout);
          assert.deepEqual(json, expectedIn(to, from), `${from} to ${to}`);
        }
      }
    });

    for (const [what, config] of [
      ['a plugin called by its name', MACVLAN],
      ['the pod pipeline', PIPELINE],
    ] as const) {
      test(`GC of ${what} removes what is not listed, and only that`, { skip }, async () => {
        const all = [await add('a', config), await add('b', config), await add('c', config)];
        assertDone(await ask('GC', { ...config, [VALID]: [{ containerID: 'b', ifname: 'eth0' }] }));
        assert.deepEqual(
          all.map(pod => pod.hasLink('eth0')),
          [false, true, false],
        );
        assertDone(await ask('GC', config));
        assert.ok(all[1]?.hasLink('eth0'));
        assertDone(await ask('GC', { ...config, name: 'another', [VALID]: [] }));
        assert.ok(all[1]?.hasLink('eth0'));
        assertDone(await ask('GC', { ...config, [VALID]: [] }));
        assert.ok(!all[1]?.hasLink('eth0'));
        // A DEL that comes after all is not an error.
        for (const id of ['a', 'b', 'c']) assertDone(await call('DEL', id, config));
      });

      test(`STATUS of ${what} is silence when ADD can work`, { skip }, async () => {
        assertDone(await ask('STATUS', config));
        await cluster.goAway();
        assertDone(await ask('STATUS', config));
        await cluster.comeBack();
      });

      test(`GC and STATUS of ${what} are refused before 1.1.0`, { skip }, async () => {
        for (const cniVersion of VERSIONS.filter(version => version !== '1.1.0')) {
          for (const command of ['GC', 'STATUS'] as const) {
            assertError(await ask(command, { ...config, cniVersion }), 1, new RegExp(`does not allow ${command}`));
          }
        }
      });
    }

    test('GC names the attachment that it cannot read, and removes nothing', { skip }, async () => {
      const pod = await add('a', MACVLAN);
      const outcome = await ask('GC', { ...MACVLAN, [VALID]: [{ containerID: 'a' }] });
      assertError(outcome, 7, /cni\.dev\/valid-attachments\[0\]\.ifname is missing/);
      assert.ok(pod.hasLink('eth0'));
    });

    test('STATUS is 50 when ADD cannot work: a wrong configuration, no agent', { skip }, async () => {
      assertError(await ask('STATUS', { ...MACVLAN, mode: 'x' }), 50, /mode is "x"/);
      const delegates = [{ cniVersion: '1.1.0', name: 'lan', type: 'nobody-has-it' }];
      assertError(await ask('STATUS', { ...PIPELINE, delegates }), 50, /"nobody-has-it"/);
      await node.kill('SIGKILL');
      assertError(await ask('STATUS', MACVLAN), 50, /Cannot reach the agent/);
      assertError(await ask('GC', { ...MACVLAN, [VALID]: [] }), 11, /Cannot reach the agent/);
    });

    if (hasApi) {
      test('STATUS is 50 without the default network, but not while nobody can tell', { skip }, async () => {
        const config = { cniVersion: '1.1.0', name: 'cluster', type: 'underlane', clusterNetwork: 'lan' };
        assertError(await ask('STATUS', config), 50, /NetworkAttachmentDefinition "kube-system\/lan"/);
        await cluster.goAway();
        assertDone(await ask('STATUS', config));
        await cluster.comeBack();
      });
    }

    test('an error is told in the version that was asked in', { skip }, async () => {
      for (const cniVersion of VERSIONS) {
        const { json } = await call('ADD', 'a', { ...MACVLAN, cniVersion, master: 'nope' });
        assert.equal(json.cniVersion, cniVersion);
      }
    });

    test('an ADD whose result its version cannot tell makes nothing', { skip }, async () => {
      const pod = makePod('ul-spec-a');
      pods.push(pod);
      const { ipam: _none, ...bare } = MACVLAN;
      const outcome = await call('ADD', 'a', { ...bare, cniVersion: '0.2.0' });
      assertError(outcome, 1, /has no address/);
      assert.ok(!pod.hasLink('eth0'));
    });
  });
}

function pluginOf(config: object): string {
  if ('type' in config && typeof config.type === 'string') return config.type;
  throw new TypeError('The configuration has no type');
}
