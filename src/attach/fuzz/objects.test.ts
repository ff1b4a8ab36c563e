import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '#api';
import { isJsonObject } from '#base';
import { loadLint } from '../lint/load-lint.ts';
import { fuzz } from './fuzz.ts';
import { nearly } from './hostile-values.ts';

/** Objects that lint and webhooks look at, of every kind. */
const owner = { podNamespace: 'shop', podName: 'web', podUid: 'u', network: 'shop/lan', interface: 'net1', slot: 0 };
const addresses = {
  subnet: '10.6.0.0/16',
  ips: ['10.6.0.3-10.6.0.9', '10.6.1.1'],
  excludeIPs: ['10.6.0.4'],
  gateway: '10.6.0.1',
};
const SOUND: Readonly<Record<string, readonly object[]>> = {
  'underlane.io/v1alpha1 AttachmentPolicy': [{ namespaces: ['team-*'], types: ['macvlan'], masters: ['eth*'] }],
  'underlane.io/v1alpha1 IPAllocation': [
    {
      address: '10.6.0.3/16',
      gateway: '10.6.0.1',
      pool: { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'x' },
      owner,
      node: 'n1',
      policy: 'Ephemeral',
    },
  ],
  'k8s.cni.cncf.io/v1alpha1 IPAMClaim': [
    { network: 'lan', interface: 'net1', ipRequests: ['10.6.0.3/16', 'fd00::3/64'] },
  ],
  'spiderpool.spidernet.io/v2beta1 SpiderIPPool': [
    { ...addresses, routes: [{ dst: '10.0.0.0/8', gw: '10.6.0.2' }], podAffinity: { matchLabels: { app: 'web' } } },
    {
      subnet: 'fd00::/64',
      ips: ['fd00::3-fd00::9'],
      nodeAffinity: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
    },
  ],
  'spiderpool.spidernet.io/v2beta1 SpiderSubnet': [addresses],
  'spiderpool.spidernet.io/v2beta1 SpiderReservedIP': [{ ips: ['10.6.0.3', '10.6.0.5-10.6.0.9'] }],
  'kubeovn.io/v1 Subnet': [
    {
      provider: 'lan.shop',
      protocol: 'IPv4',
      cidrBlock: '10.6.0.0/16',
      gateway: '10.6.0.1',
      excludeIps: ['10.6.0.3..10.6.0.9'],
    },
    { provider: 'lan.shop', protocol: 'Dual', cidrBlock: '10.6.0.0/16,fd00::/64' },
  ],
  'kubeovn.io/v1 IPPool': [
    { subnet: 'x', ips: ['10.6.0.3..10.6.0.9', '10.6.1.0/24', 'fd00::5'], namespaces: ['shop'] },
  ],
};

const { knownObjects, rules } = await loadLint();
const reviewed = rules.filter(({ isView }) => isView !== true);
const sound = Object.entries(SOUND).flatMap(([type, specs]) => {
  const [apiVersion = '', kind = ''] = type.split(' ');
  return specs.map(
    (spec): KubeObject =>
      ({
        apiVersion,
        kind,
        metadata: { name: kind === 'IPAllocation' ? 'default-10.6.0.3' : 'x' },
        spec,
      }) as KubeObject,
  );
});

describe('fuzz: objects', () => {
  for (const rule of reviewed) {
    const { group, kind } = rule.resource;
    const own = sound.filter(object => object.kind === kind && object.apiVersion?.startsWith(`${group}/`));
    const object = nearly(fc.constantFrom<unknown>(...own));

    it(`${kind}: what is wrong with it, with a change of it, with its end and what goes without saying`, () => {
      const reached = new Set<boolean>();
      // Known objects that are not of their type never come to a rule.
      const triple = fc.tuple(object, object, fc.array(nearly(fc.constantFrom<unknown>(...sound)), { maxLength: 3 }));
      fuzz(triple, 1_000, ([now, old, others]) => {
        if (!isObject(now) || !isObject(old)) return;
        const known = knownObjects(others.filter(isObject).map((other, index) => named(other, `other-${index}`)));
        const problems = rule.check({ ...now }, known);
        reached.add(problems.every(({ severity }) => severity === 'warning'));
        for (const { message, path } of problems) {
          assert.match(message, /^[^.]/u);
          assert.ok(Array.isArray(path));
        }
        rule.checkChange?.(now, old, known);
        rule.checkRemoval?.(now, known);
        rule.complete?.(now, known);
      });
      assert.deepEqual([...reached].sort(), [false, true]);
    });
  }

  it('reaches every kind', () => {
    assert.deepEqual(
      reviewed.filter(({ resource }) => !sound.some(({ kind }) => kind === resource.kind)),
      [],
    );
  });

  it('completing again changes nothing', () => {
    for (const object of sound) {
      const rule = reviewed.find(({ resource }) => resource.kind === object.kind);
      if (rule?.complete === undefined) continue;
      const known = knownObjects(sound);
      const once = rule.complete(object, known);
      assert.deepEqual(rule.complete(once, known), once);
      assert.deepEqual(rule.check({ ...once }, knownObjects([])), [], object.kind);
    }
  });
});

function isObject(value: unknown): value is KubeObject {
  return isJsonObject(value) && isJsonObject(value['metadata']);
}

function named(object: KubeObject, name: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, name } };
}
