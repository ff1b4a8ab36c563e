import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAllocation, KubeOvnIP, Pod } from '#api';
import { loadKubeOvnObjects } from '#ipam';
import { VIEW_LABELS } from '../ours.ts';
import type { ViewChange } from '../view.ts';
import { compareIP, kubeOvnIPView } from './ip-view.ts';
import { compareAnnotations } from './pod-annotations-view.ts';
import { macvlanClaim, macvlanSubnet } from './testing.ts';

const objects = await loadKubeOvnObjects();
const DUAL = macvlanSubnet({ cidrBlock: '172.17.0.0/24,fd00:17::/112', gateway: '172.17.0.1,fd00:17::1' });
const V4 = macvlanClaim('172.17.0.11/24');
const V6 = macvlanClaim('fd00:17::11/112');

test('an IP tells both addresses of an interface, its pod, node and Subnet', () => {
  assert.deepEqual(createdOf(ipOf('a.default.macvlan.default', [V6, V4])), {
    metadata: {
      name: 'a.default.macvlan.default',
      labels: {
        ...VIEW_LABELS,
        'ovn.kubernetes.io/subnet': 'macvlan',
        'ovn.kubernetes.io/node-name': 'n1',
        'ovn.kubernetes.io/ip_reserved': 'false',
        macvlan: '',
      },
    },
    spec: {
      podName: 'a',
      namespace: 'default',
      nodeName: 'n1',
      subnet: 'macvlan',
      v4IpAddress: '172.17.0.11',
      v6IpAddress: 'fd00:17::11',
      ipAddress: '172.17.0.11,fd00:17::11',
      attachIps: [],
      attachMacs: [],
      attachSubnets: [],
    },
  });
});

test('an IP names the interface where a pod has several of one network, and only then', () => {
  const second = macvlanClaim('172.17.0.12/24', { interface: 'net2' });
  const both = [V4, second];
  assert.deepEqual(namesOf(V4), ['a.default.macvlan.default', 'a.default.macvlan.default.net1']);
  assert.deepEqual(ipOf('a.default.macvlan.default', both, both), { kind: 'none' });
  assert.equal(createdOf(ipOf('a.default.macvlan.default.net2', [second], both)).spec.v4IpAddress, '172.17.0.12');
  assert.deepEqual(ipOf('a.default.macvlan.default.net1', [V4]), { kind: 'none' });
  const former = createdOf(ipOf('a.default.macvlan.default', [V4]));
  assert.deepEqual(ipOf('a.default.macvlan.default', both, both, former), { kind: 'delete' });
});

test('an IP of a workload says of which kind, and is called after a virtual machine', () => {
  const set = { kind: 'StatefulSet', name: 'web', uid: 'u', member: 'a' } as const;
  const machine = { kind: 'VirtualMachine', name: 'vm1', uid: 'u' } as const;
  const ofSet = createdOf(
    ipOf('a.default.macvlan.default', [macvlanClaim('172.17.0.11/24', { owner: { workload: set } })]),
  );
  assert.deepEqual([ofSet.spec.podName, ofSet.spec.podType], ['a', 'StatefulSet']);
  const claim = macvlanClaim('172.17.0.11/24', { owner: { workload: machine } });
  const ofMachine = createdOf(ipOf('vm1.default.macvlan.default', [claim]));
  assert.deepEqual([ofMachine.spec.podName, ofMachine.spec.podType], ['vm1', 'VirtualMachine']);
});

test('an IP follows its claims, keeps what others have written, and goes with them', () => {
  const object = createdOf(ipOf('a.default.macvlan.default', [V4]));
  assert.deepEqual(ipOf('a.default.macvlan.default', [V4], [V4], object), { kind: 'none' });
  const moved = macvlanClaim('172.17.0.11/24', {
    node: 'n2',
    pool: { dialect: 'kube-ovn', kind: 'Subnet', name: 'other' },
  });
  const change = ipOf('a.default.macvlan.default', [moved], [moved], object);
  assert.equal(change.kind, 'patch');
  if (change.kind === 'patch') {
    assert.deepEqual(change.body.metadata?.['labels'], {
      ...VIEW_LABELS,
      'ovn.kubernetes.io/subnet': 'other',
      'ovn.kubernetes.io/node-name': 'n2',
      'ovn.kubernetes.io/ip_reserved': 'false',
      other: '',
      macvlan: null,
    });
  }
  assert.deepEqual(ipOf('a.default.macvlan.default', [], [], object), { kind: 'delete' });
  const both = {
    ...object,
    spec: { ...object.spec, v6IpAddress: 'fd00:17::11', ipAddress: '172.17.0.11,fd00:17::11' },
  };
  const single = ipOf('a.default.macvlan.default', [V4], [V4], both);
  assert.ok(single.kind === 'patch');
  assert.partialDeepStrictEqual(single.body['spec'], { ipAddress: '172.17.0.11', v6IpAddress: null });
});

test('an address in quarantine, and one of plain CNI, are no IP', () => {
  assert.deepEqual(namesOf(macvlanClaim('172.17.0.11/24', { quarantine: '00:00:00:00:00:01' })), []);
});

test("a pod's annotations tell address, network and gateway of each interface", () => {
  const pair = annotationsOf({}, [V4, V6]);
  assert.deepEqual(pair, {
    'underlane.io/kube-ovn-results': 'macvlan.default',
    'macvlan.default.kubernetes.io/ip_address': '172.17.0.11,fd00:17::11',
    'macvlan.default.kubernetes.io/cidr': '172.17.0.0/24,fd00:17::/112',
    'macvlan.default.kubernetes.io/gateway': '172.17.0.1,fd00:17::1',
    'macvlan.default.kubernetes.io/allocated': 'true',
  });
  assert.equal(annotationsOf({}, [V4])['macvlan.default.kubernetes.io/cidr'], '172.17.0.0/24');
  assert.deepEqual(annotationsOf(pair, [V4, V6]), {});
  const second = macvlanClaim('172.17.0.12/24', { interface: 'net2' });
  assert.deepEqual(
    Object.entries(annotationsOf({}, [V4, second])).filter(([key]) => key.endsWith('ip_address')),
    [
      ['macvlan.default.net1.kubernetes.io/ip_address', '172.17.0.11'],
      ['macvlan.default.net2.kubernetes.io/ip_address', '172.17.0.12'],
    ],
  );
});

test('annotations tell an address that nobody has asked for from a wish', () => {
  const [mark, key] = ['underlane.io/kube-ovn-results', 'macvlan.default.kubernetes.io/ip_address'];
  const asked = annotationsOf({ [key]: '172.17.0.11' }, [V4]);
  assert.equal(mark in asked, false);
  const got = annotationsOf({}, [V4]);
  const other = annotationsOf({ ...got }, [macvlanClaim('172.17.0.12/24')]);
  assert.deepEqual(other, { [key]: '172.17.0.12' });
  // With a second interface they are called otherwise; of the first one, whose address was asked for, a wish stays.
  const second = macvlanClaim('172.17.0.13/24', { interface: 'net2' });
  assert.equal(annotationsOf(got, [V4, second], 'Running')[mark], 'macvlan.default.net1,macvlan.default.net2');
  // Before it runs nobody knows whether annotations are left over: what they are stays, too.
  assert.deepEqual(annotationsOf(got, []), {});
  const foreign = { ...got, 'k8s.v1.cni.cncf.io/networks': 'other' };
  assert.equal(annotationsOf(foreign, [], 'Running')[mark], null);
});

test("a pod's annotations tell the MAC address that a network selection asks for, of its interface", () => {
  const [first, second] = ['0a:00:00:00:00:01', '0a:00:00:00:00:02'];
  const networks = (...macs: readonly string[]) => ({
    'k8s.v1.cni.cncf.io/networks': JSON.stringify(macs.map(mac => ({ name: 'macvlan', mac }))),
  });
  const key = 'macvlan.default.kubernetes.io/mac_address';
  const alone = annotationsOf(networks(first), [V4]);
  assert.equal(alone[key], first);
  assert.equal(annotationsOf({ ...networks(second), [key]: first }, [V4])[key], second);
  const other = macvlanClaim('172.17.0.12/24', { interface: 'net2' });
  assert.partialDeepStrictEqual(annotationsOf(networks(first, second), [V4, other]), {
    'macvlan.default.net1.kubernetes.io/mac_address': first,
    'macvlan.default.net2.kubernetes.io/mac_address': second,
  });
  // One that somebody asked for there stays, whatever becomes of the interface.
  const asked = { ...annotationsOf({}, [V4]), [key]: first };
  assert.equal(annotationsOf(asked, [V4])[key], undefined);
  assert.equal(annotationsOf(asked, [], 'Running')[key], undefined);
});

test("a pod's annotations name the virtual machine that it is of, and no other workload", () => {
  const key = 'macvlan.default.kubernetes.io/virtualmachine';
  const ofKind = (kind: 'StatefulSet' | 'VirtualMachine') =>
    annotationsOf({}, [macvlanClaim('172.17.0.11/24', { owner: { workload: { kind, name: 'vm1', uid: 'u' } } })]);
  assert.equal(ofKind('VirtualMachine')[key], 'vm1');
  assert.equal(ofKind('StatefulSet')[key], undefined);
});

test("a running pod's annotations of a network that it has left go, and nobody else's do", () => {
  const before = {
    ...annotationsOf({}, [V4]),
    'ovn.kubernetes.io/allocated': 'true',
    'ovn.kubernetes.io/ip_address': 'x',
  };
  const gone = {
    'macvlan.default.kubernetes.io/ip_address': null,
    'macvlan.default.kubernetes.io/cidr': null,
    'macvlan.default.kubernetes.io/gateway': null,
    'macvlan.default.kubernetes.io/allocated': null,
    'underlane.io/kube-ovn-results': null,
  };
  assert.deepEqual(annotationsOf(before, [], 'Running'), gone);
  assert.deepEqual(annotationsOf(before, []), {});
  const listed = { ...before, 'k8s.v1.cni.cncf.io/networks': 'macvlan' };
  assert.deepEqual(annotationsOf(listed, [], 'Running'), {});
  assert.deepEqual(annotationsOf({ ...before, 'k8s.v1.cni.cncf.io/networks': '[{' }, [], 'Running'), {});
  assert.deepEqual(annotationsOf({ 'macvlan.default.kubernetes.io/ip_address': '172.17.0.9' }, [], 'Running'), {});
  const second = macvlanClaim('172.17.0.12/24', { interface: 'net2' });
  const changed = annotationsOf({ ...listed }, [V4, second], 'Running');
  const { 'underlane.io/kube-ovn-results': _, ...plain } = gone;
  assert.partialDeepStrictEqual(changed, plain);
  assert.equal(changed['macvlan.default.net2.kubernetes.io/ip_address'], '172.17.0.12');
});

function namesOf(claim: IPAllocation): readonly string[] {
  const index = { of: () => [], subscribe: () => undefined };
  const view = kubeOvnIPView(index);
  return view.namesOf(claim).map(({ name }) => name);
}

function ipOf(
  name: string,
  claims: readonly IPAllocation[],
  siblings: readonly IPAllocation[] = claims,
  object?: KubeOvnIP,
): ViewChange<KubeOvnIP> {
  return compareIP({ name: { name }, claims, object }, () => siblings);
}

function createdOf(change: ViewChange<KubeOvnIP>): KubeOvnIP {
  if (change.kind !== 'create') throw new TypeError(change.kind);
  return change.object;
}

function annotationsOf(
  annotations: Readonly<Record<string, string>>,
  claims: readonly IPAllocation[],
  phase = 'Pending',
): Readonly<Record<string, string>> {
  const pod: Pod = { metadata: { name: 'a', namespace: 'default', annotations }, spec: {}, status: { phase } };
  const change = compareAnnotations(pod, claims, () => DUAL, new Set(['macvlan.default']), objects);
  if (change.kind !== 'patch') return {};
  return change.body.metadata?.['annotations'] as Readonly<Record<string, string>>;
}
