import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkAnnotationNames } from './annotation-keys.ts';

describe('checkAnnotationNames()', () => {
  const misspelt: readonly (readonly [key: string, meant: string])[] = [
    ['k8s.v1.cni.cncf.io/network', 'k8s.v1.cni.cncf.io/networks'],
    ['k8s.v1.cni.cncf.io/netwroks', 'k8s.v1.cni.cncf.io/networks'],
    ['k8s.v1.cni.cncf.io/Networks', 'k8s.v1.cni.cncf.io/networks'],
    ['k8s.v1.cni.cnf.io/networks', 'k8s.v1.cni.cncf.io/networks'],
    ['k8s.cni.cncf.io/networks', 'k8s.v1.cni.cncf.io/networks'],
    ['k8s.v1.cni.cncf.io/network_status', 'k8s.v1.cni.cncf.io/network-status'],
    ['v1.multus-cni.io/default-networks', 'v1.multus-cni.io/default-network'],
    ['v1.multus.cni.io/default-network', 'v1.multus-cni.io/default-network'],
  ];
  for (const [key, meant] of misspelt) {
    it(`finds "${key}"`, () => {
      const sentence = `Cannot attach networks: annotation "${key}" is unknown, expected "${meant}"`;
      assert.equal(checkAnnotationNames({ 'app.example/name': 'x', [key]: 'a' }), sentence);
    });
  }

  it('leaves right names and those of others alone', () => {
    const annotations = {
      'k8s.v1.cni.cncf.io/networks': 'a',
      'k8s.v1.cni.cncf.io/network-status': '[]',
      'k8s.v1.cni.cncf.io/networks-status': '[]',
      'v1.multus-cni.io/default-network': 'a',
      'k8s.ovn.org/pod-networks': '{}',
      'k8s.v1.cni.cncf.io/nodeSelector': 'x',
      'kubernetes.io/config.source': 'api',
      networks: 'a',
    };
    assert.equal(checkAnnotationNames(annotations), undefined);
  });

  it('takes any keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), annotations => {
        checkAnnotationNames(annotations);
      }),
    );
  });
});
