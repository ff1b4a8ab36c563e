import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api';
import { parseNetworkConfig } from '#cni';
import { withAnnotatedMacs } from './annotated-macs.ts';
import type { Wanted } from './plan-networks.ts';

const KEY = 'macvlan.default.kubernetes.io/mac_address';
const MAC = '00:00:00:53:6b:bb';

test('withAnnotatedMacs() gives an interface the MAC address of its annotation, whose network declares the capability', () => {
  const [own] = macs({ [KEY]: '00:00:00:53:6B:BB' }, [wantedOf('net1')]).wanted;
  assert.equal(own?.mac, MAC);
  assert.deepEqual(own?.capabilityArgs, { mac: MAC });
});

test('withAnnotatedMacs() lets the selection go first', () => {
  const selected = { ...wantedOf('net1'), mac: '00:00:00:00:00:01' };
  assert.equal(macs({ [KEY]: MAC }, [selected]).wanted[0]?.mac, '00:00:00:00:00:01');
});

test('withAnnotatedMacs() warns where no plugin declares the capability, and names what is no MAC address', () => {
  const { wanted, warnings } = macs({ [KEY]: MAC }, [wantedOf('net1', {})]);
  assert.equal(wanted[0]?.mac, undefined);
  assert.deepEqual(warnings, [
    `NetworkAttachmentDefinition "default/macvlan": annotation "${KEY}" does nothing: none of its plugins declares capability mac`,
  ]);
  assert.throws(() => macs({ [KEY]: '01:00:5e:00:00:01' }, [wantedOf('net1')]), {
    code: 'NETWORK_CONFIG',
    message:
      /annotation "macvlan\.default\.kubernetes\.io\/mac_address" of pod "default\/web-0": its value is "01:00:5e/,
  });
});

test('withAnnotatedMacs() tells the interfaces of one network apart, those that the pod has already among them', () => {
  const keys = { [KEY]: MAC, [`${KEY}.net2`]: '00:00:00:53:6b:cc' };
  assert.deepEqual(
    macs(keys, [wantedOf('net1'), wantedOf('net2'), wantedOf('net3')]).wanted.map(({ mac }) => mac),
    [MAC, '00:00:00:53:6b:cc', undefined],
  );
  assert.equal(macs({ [KEY]: MAC }, [wantedOf('net2')], ['net1']).wanted[0]?.mac, undefined);
});

test('withAnnotatedMacs() knows nothing of other ipams', () => {
  const other = wantedOf('net1', { mac: true }, { type: 'whereabouts', range: '10.0.0.0/24' });
  assert.deepEqual(macs({ [KEY]: MAC }, [other]), { wanted: [other], warnings: [] });
});

function macs(annotations: Readonly<Record<string, string>>, list: readonly Wanted[], present: readonly string[] = []) {
  const warnings: string[] = [];
  const pod: Pod = { metadata: { name: 'web-0', namespace: 'default', annotations }, spec: {} };
  const siblings = present.map(name => ({ name, nad: 'default/macvlan' }));
  return { wanted: withAnnotatedMacs(list, pod, siblings, warnings), warnings };
}

function wantedOf(
  ifname: string,
  capabilities: Readonly<Record<string, boolean>> = { mac: true },
  ipam: Readonly<Record<string, unknown>> = { type: 'kube-ovn', provider: 'macvlan.default' },
): Wanted {
  const source = 'NetworkAttachmentDefinition "default/macvlan"';
  const raw = { cniVersion: '0.3.0', name: 'macvlan', type: 'macvlan', master: 'eth1', capabilities, ipam };
  const network = { config: parseNetworkConfig(raw, { source }), source, nad: 'default/macvlan' };
  return { network, ifname, isDefault: false, capabilityArgs: {} };
}
