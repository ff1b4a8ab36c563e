import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  assignInterfaceNames,
  checkAnnotationNames,
  parseDefaultNetworkAnnotation,
  parseNetworksAnnotation,
} from '#networks';
import { capabilityArgsOf } from '../resolve/capability-args.ts';
import { fuzz } from './fuzz.ts';
import { hostileText, nearly, nearlyText, pumped } from './hostile-values.ts';

/** A pod's annotations: anybody who may make a pod writes them. */
const label = fc.constantFrom('a', 'net-a', 'kube-system', 'x1');
const address = fc.constantFrom('10.0.0.1', '10.0.0.2/24', 'fd00::3/64', '::ffff:10.0.0.1');
const element = fc.record(
  {
    name: label,
    namespace: label,
    interface: fc.constantFrom('net1', 'net7', 'lan0'),
    ips: fc.array(address, { maxLength: 3 }),
    mac: fc.constantFrom('c2:b0:57:49:47:f1', 'C2-B0-57-49-47-F1'),
    'infiniband-guid': fc.constant('c2:11:22:33:44:55:66:77'),
    bandwidth: fc.record({ ingressRate: fc.nat(), ingressBurst: fc.nat(), egressRate: fc.nat() }, { requiredKeys: [] }),
    portMappings: fc.array(
      fc.record({ hostPort: fc.nat(70_000), containerPort: fc.nat(70_000), protocol: fc.constantFrom('TCP', 'sctp') }),
      { maxLength: 2 },
    ),
    deviceID: fc.constant('0000:03:02.1'),
    'cni-args': fc.jsonValue({ maxDepth: 2 }),
    'default-route': fc.array(address, { maxLength: 2 }),
    'ipam-claim-reference': fc.constantFrom('vm1.lan', 'vm2.lan'),
  },
  { requiredKeys: ['name'] },
);
const json = nearly(fc.array(element, { maxLength: 4 })).map(value => JSON.stringify(value) ?? '');
const short = fc
  .array(fc.constantFrom('a', 'ns/a', 'ns/a@net1', ' a @ x ', 'a@b', 'ns/a@lo'), { maxLength: 5 })
  .map(items => items.join(','));
const text = fc.oneof(json, nearlyText(json), nearlyText(short), hostileText, pumped);

describe('fuzz: annotations', () => {
  it('k8s.v1.cni.cncf.io/networks, to the names and capability arguments that come of it', () => {
    fuzz(text, 34_000, input => {
      const { networks } = parseNetworksAnnotation(input, 'shop');
      assignInterfaceNames(networks, ['eth0']);
      for (const selection of networks) JSON.stringify(capabilityArgsOf(selection));
    });
  });
  it('v1.multus-cni.io/default-network', () => {
    fuzz(text, 10_000, input => parseDefaultNetworkAnnotation(input, 'kube-system'));
  });
  it('names of annotations', () => {
    const key = nearlyText(fc.constantFrom('k8s.v1.cni.cncf.io/networks', 'v1.multus-cni.io/default-network'));
    fuzz(fc.dictionary(key, fc.string()), 2_000, checkAnnotationNames);
  });
});
