import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NetworksError } from './errors.ts';
import type { NetworkSelection } from './network-selection.ts';
import { parseDefaultNetworkAnnotation, parseNetworksAnnotation } from './networks-annotation.ts';

const parse = (text: string) => parseNetworksAnnotation(text, 'shop').networks;

describe('parseNetworksAnnotation() reads the short form', () => {
  const cases: readonly (readonly [text: string, selections: readonly NetworkSelection[]])[] = [
    ['', []],
    ['  \n', []],
    ['net-a', [{ namespace: 'shop', name: 'net-a' }]],
    ['default/net-a', [{ namespace: 'default', name: 'net-a' }]],
    ['net-a@my_IF0', [{ namespace: 'shop', name: 'net-a', interface: 'my_IF0' }]],
    [
      ' default/net-a@x1 ,\n net-b ',
      [
        { namespace: 'default', name: 'net-a', interface: 'x1' },
        { namespace: 'shop', name: 'net-b' },
      ],
    ],
    [
      'net-a,net-a',
      [
        { namespace: 'shop', name: 'net-a' },
        { namespace: 'shop', name: 'net-a' },
      ],
    ],
    ['net-a@exactly15bytes_', [{ namespace: 'shop', name: 'net-a', interface: 'exactly15bytes_' }]],
  ];
  for (const [text, selections] of cases) {
    it(JSON.stringify(text), () => assert.deepEqual(parse(text), selections));
  }
});

describe('parseNetworksAnnotation() reads the JSON form', () => {
  it('takes every member that is acted on', () => {
    const text = JSON.stringify([
      {
        name: 'net.a',
        namespace: 'default',
        interface: 'lan0',
        ips: ['10.0.0.1', '10.0.0.2/24', 'FD00:0::3/64'],
        mac: 'C2-B0-57-49-47-F1',
        'infiniband-guid': 'C2-11-22-33-44-55-66-77',
        bandwidth: { ingressRate: 2048, ingressBurst: 1600, egressRate: 4096 },
        portMappings: [
          { hostPort: 8080, containerPort: 80, protocol: 'TCP' },
          { hostPort: 1, containerPort: 65535, protocol: 'sctp', hostIP: 'FD00:0::1' },
          { hostPort: 53, containerPort: 53 },
        ],
        deviceID: '0000:03:02.1',
        'cni-args': { color: { deep: ['red'] } },
        'default-route': ['10.0.0.254', 'FD00:0::fe'],
      },
      { name: 'b', 'default-route': [], 'ipam-claim-reference': 'vm1.net-b' },
    ]);
    assert.deepEqual(parse(text), [
      {
        namespace: 'default',
        name: 'net.a',
        interface: 'lan0',
        ips: ['10.0.0.1', '10.0.0.2/24', 'fd00::3/64'],
        mac: 'c2:b0:57:49:47:f1',
        infinibandGuid: 'c2:11:22:33:44:55:66:77',
        bandwidth: { ingressRate: 2048, ingressBurst: 1600, egressRate: 4096 },
        portMappings: [
          { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
          { hostPort: 1, containerPort: 65_535, protocol: 'sctp', hostIP: 'fd00::1' },
          { hostPort: 53, containerPort: 53, protocol: 'tcp' },
        ],
        deviceId: '0000:03:02.1',
        cniArgs: { color: { deep: ['red'] } },
        defaultRoute: ['10.0.0.254', 'fd00::fe'],
      },
      { namespace: 'shop', name: 'b', defaultRoute: [], ipamClaim: 'vm1.net-b' },
    ]);
  });
  it('takes members that are null or empty as not given', () => {
    const text = '[{"name":"a","namespace":"","interface":null,"ips":[],"mac":"","bandwidth":null,"portMappings":[]}]';
    assert.deepEqual(parse(text), [{ namespace: 'shop', name: 'a' }]);
  });
  it('takes interfaceRequest, the older name of interface', () => {
    assert.deepEqual(parse('[{"name":"a","interfaceRequest":"x0"}]'), [
      { namespace: 'shop', name: 'a', interface: 'x0' },
    ]);
  });
  it('takes an empty list', () => assert.deepEqual(parse('[]'), []));
});

describe("Multus' annotation table", () => {
  for (const text of [
    'a/b/c/d',
    'a@b@c',
    'root@ip/root@ip',
    'net1@my if',
    'net1@sixteen_bytes__x',
    '[{"name":"a"',
    '[}',
  ]) {
    it(`must fail: ${text}`, () => assert.throws(() => parse(text), { code: 'ANNOTATION_INVALID' }));
  }
  for (const [text, selection] of [
    ['net1', { namespace: 'shop', name: 'net1' }],
    ['default/net1', { namespace: 'default', name: 'net1' }],
    ['net1@my_interface', { namespace: 'shop', name: 'net1', interface: 'my_interface' }],
    ['default/net1@my_interface', { namespace: 'default', name: 'net1', interface: 'my_interface' }],
    ['[{"name":"net1","ipRequest":"10.0.0.5","macRequest":"x"}]', { namespace: 'shop', name: 'net1' }],
  ] as const) {
    it(`must pass: ${text}`, () => assert.deepEqual(parse(text), [selection]));
  }
});

const AT = 'Cannot read annotation "k8s.v1.cni.cncf.io/networks"';

describe('parseNetworksAnnotation() names annotation, element, field, value and what was expected', () => {
  const cases: readonly (readonly [text: string, message: string | RegExp])[] = [
    ['a,', `${AT} element 1: value is "", expected [<namespace>/]<name>[@<interface>]`],
    ['a/b/c', /element 0: value is "a\/b\/c", expected .* at most one "\/" and one "@"$/],
    ['a@b@c', /at most one "\/" and one "@"$/],
    ['root@ip/root@ip', /element 0: value is/],
    ['a@b/c', /element 0: interface is "b\/c"/],
    ['/a', /element 0: namespace is "", expected up to 63/],
    ['Net', /element 0: name is "Net", expected up to 63/],
    ['net.a', /element 0: name is "net.a"/],
    ['x,a@', /element 1: interface is "", expected 1 to 15 bytes/],
    ['a@sixteen_bytes__x', /interface is "sixteen_bytes__x", .*too long: 16 bytes/],
    ['a@ünfzehnbytes_ab', /too long: 16 bytes/],
    ['a@my if', /interface is "my if", .*whitespace/],
    ['a@..', /interface is "\.\."/],
    ['a@lo', /interface is "lo", .*loopback/],
    ['a@x,b@y,c@x', `${AT} element 2: interface is "x", expected a name that element 0 does not have`],
    ['[', /: value is "\[", expected a JSON array of objects \(/],
    ['{"name":"a"}', /: value is ".*", expected a JSON array of objects$/],
    ['"a"', /expected a JSON array of objects$/],
    ['[null]', `${AT} element 0: value is null, expected an object with a "name"`],
    ['[["a"]]', /element 0: value is \["a"\], expected an object/],
    [
      '[{"name":"a","ipam-claim-reference":"c"},{"name":"b","ipam-claim-reference":"c"}]',
      `${AT} element 1: ipam-claim-reference is "c", expected one that element 0 does not refer to`,
    ],
    ['[{}]', `${AT} element 0: name is missing, expected the name of a NetworkAttachmentDefinition`],
    ['[{"name":""}]', /name is "", expected the name/],
    ['[{"name":7}]', /name is 7, expected the name/],
    ['[{"name":"a","namespace":"B"}]', /namespace is "B", expected/],
    ['[{"name":"a","interface":"a/b"}]', /interface is "a\/b", expected/],
    ['[{"name":"a","interface":["x"]}]', /interface is \["x"\], expected an interface name as text/],
    ['[{"name":"a","interface":"x","interfaceRequest":"y"}]', /interfaceRequest is "y", expected "x"/],
    ['[{"name":"a","ips":"10.0.0.1"}]', /ips is "10.0.0.1", expected a list of addresses/],
    ['[{"name":"a","ips":["10.0.0.1","10.0.0.256"]}]', /ips\[1\] is "10.0.0.256", expected an address/],
    ['[{"name":"a","ips":["10.0.0.1/33"]}]', /ips\[0\] is "10.0.0.1\/33", expected an address/],
    ['[{"name":"a","ips":[1]}]', /ips\[0\] is 1, expected an address/],
    ['[{"name":"a","mac":"c2:b0:57:49:47"}]', /mac is "c2:b0:57:49:47", expected six bytes/],
    ['[{"name":"a","mac":"01:00:5e:00:00:01"}]', /mac is "01:00:5e:00:00:01", expected .*not a multicast/],
    ['[{"name":"a","mac":"00:00:00:00:00:00"}]', /mac is "00:00:00:00:00:00"/],
    ['[{"name":"a","cni-args":["x"]}]', /cni-args is \["x"\], expected an object/],
    ['[{"name":"a","infiniband-guid":"c2:11:22:33:44:55"}]', /infiniband-guid is "c2:11:22:33:44:55", expected eight/],
    ['[{"name":"a","deviceID":"../x"}]', /deviceID is "..\/x", expected a device's name/],
    ['[{"name":"a","bandwidth":["x"]}]', /bandwidth is \["x"\], expected an object/],
    ['[{"name":"a","bandwidth":{"ingressRate":0}}]', /bandwidth.ingressRate is 0, expected a whole number above 0/],
    ['[{"name":"a","bandwidth":{"egressBurst":1}}]', /bandwidth.egressBurst is 1, expected a "egressRate" beside it/],
    ['[{"name":"a","bandwidth":{"rate":1}}]', /bandwidth is "rate", expected only ingressRate, ingressBurst/],
    ['[{"name":"a","portMappings":{}}]', /portMappings is {}, expected a list of port mappings/],
    ['[{"name":"a","portMappings":[{"hostPort":0}]}]', /portMappings\[0\].hostPort is 0, expected a port from 1/],
    ['[{"name":"a","portMappings":[{"hostPort":1}]}]', /portMappings\[0\].containerPort is missing, expected a port/],
    [
      '[{"name":"a","portMappings":[{"hostPort":1,"containerPort":1,"protocol":"icmp"}]}]',
      /portMappings\[0\].protocol is "icmp", expected TCP, UDP or SCTP/,
    ],
    [
      '[{"name":"a","portMappings":[{"hostPort":1,"containerPort":1,"hostIP":"x"}]}]',
      /portMappings\[0\].hostIP is "x", expected an address of the node/,
    ],
    ['[{"name":"a","default-route":"10.0.0.1"}]', /default-route is "10.0.0.1", expected a list of gateways/],
    [
      '[{"name":"a","default-route":["10.0.0.1/24"]}]',
      /default-route\[0\] is "10.0.0.1\/24", expected an address without/,
    ],
    [
      '[{"name":"a","default-route":["10.0.0.1"]},{"name":"b","default-route":["fd00::1","10.0.0.2"]}]',
      /element 1: default-route is .*, expected no IPv4 gateway: element 0 has the pod's IPv4 default route already$/,
    ],
    [
      '[{"name":"a","ips":["10.0.0.1"],"ipam-claim-reference":"c"}]',
      /ipam-claim-reference is "c", expected no "ips" beside it/,
    ],
  ];
  for (const [text, message] of cases) {
    it(text, () => assert.throws(() => parse(text), { name: 'NetworksError', code: 'ANNOTATION_INVALID', message }));
  }

  it('quotes only the beginning of a long value', () => {
    assert.throws(
      () => parse(`[${'x'.repeat(100_000)}`),
      (error: Error) => error.message.length < 300,
    );
  });
});

describe('parseNetworksAnnotation() passes over members that mean nothing, with a warning', () => {
  const cases: readonly (readonly [text: string, warning: string])[] = [
    ['[{"name":"a","nmae":"b"}]', 'element 0: member "nmae" does nothing; "name" would do something'],
    ['[{"name":"a"},{"name":"a","Interface":"b"}]', 'element 1: member "Interface" does nothing; "interface" would do'],
    ['[{"name":"a","ip":["10.0.0.1"]}]', 'member "ip" does nothing; "ips" would do something'],
    ['[{"name":"a","ipRequest":["10.0.0.1"]}]', 'member "ipRequest" does nothing; "ips" would do something'],
    ['[{"name":"a","macRequest":"x"}]', 'member "macRequest" does nothing; "mac" would do something'],
    ['[{"name":"a","colour":"red"}]', 'member "colour" does nothing; known are name, namespace, interface'],
    ['[{"name":"a","__proto__":{"x":1}}]', 'member "__proto__" does nothing'],
  ];
  for (const [text, warning] of cases) {
    it(text, () => {
      const { networks, warnings } = parseNetworksAnnotation(text, 'shop');
      assert.deepEqual(networks.at(-1), { namespace: 'shop', name: 'a' });
      assert.equal(warnings.length, 1);
      assert.ok(warnings[0]?.startsWith('Annotation "k8s.v1.cni.cncf.io/networks" element '), warnings[0]);
      assert.ok(warnings[0]?.includes(warning), warnings[0]);
    });
  }
});

describe('parseNetworksAnnotation() on arbitrary input', () => {
  const throwsOnlyItsOwn = (text: string) => {
    try {
      parse(text);
    } catch (error) {
      assert.ok(error instanceof NetworksError, String(error));
      assert.match(error.message, /^Cannot read annotation ".*[^.]$/su);
    }
  };
  it('throws nothing but NetworksError for any text', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), throwsOnlyItsOwn));
  });
  it('throws nothing but NetworksError for text near the short form', () => {
    const near = fc.string({ unit: fc.constantFrom('a', 'b', '-', '/', '@', ',', ' ', '.', 'A', '9', '\u0000') });
    fc.assert(fc.property(near, throwsOnlyItsOwn), { numRuns: 1000 });
  });
  it('throws nothing but NetworksError for any JSON', () => {
    const member = fc.constantFrom(
      ...['name', 'namespace', 'interface', 'ips', 'mac', 'cni-args', 'bandwidth', 'portMappings', 'infiniband-guid'],
      ...['deviceID', 'default-route', 'ipam-claim-reference', 'x'],
    );
    const elements = fc.array(fc.oneof(fc.dictionary(member, fc.jsonValue()), fc.jsonValue()));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          elements.map(value => JSON.stringify(value)),
        ),
        throwsOnlyItsOwn,
      ),
    );
  });

  const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/);
  const selection = fc.record({ namespace: label, name: label, index: fc.nat(999) });
  it('gives back what either form was written from', () => {
    fc.assert(
      fc.property(fc.uniqueArray(selection, { selector: each => each.index }), wanted => {
        const expected = wanted.map(({ namespace, name, index }) => ({ namespace, name, interface: `x${index}` }));
        const short = expected.map(each => `${each.namespace}/${each.name}@${each.interface}`).join(', ');
        assert.deepEqual(parse(short), expected);
        assert.deepEqual(parse(JSON.stringify(expected)), expected);
      }),
    );
  });
});

describe('parseDefaultNetworkAnnotation()', () => {
  const parseDefault = (text: string) => parseDefaultNetworkAnnotation(text, 'kube-system').networks[0];
  it('takes one network, by default in the given namespace', () => {
    assert.deepEqual(parseDefault('macvlan-standalone'), { namespace: 'kube-system', name: 'macvlan-standalone' });
    assert.deepEqual(parseDefault('[{"name":"a","namespace":"b","mac":"02:00:00:00:00:01"}]'), {
      namespace: 'b',
      name: 'a',
      mac: '02:00:00:00:00:01',
    });
  });
  it('gives nothing for blank text and for an empty list', () => {
    assert.equal(parseDefault(' '), undefined);
    assert.equal(parseDefault('[]'), undefined);
  });
  it('refuses a second network', () => {
    const message =
      'Cannot read annotation "v1.multus-cni.io/default-network": value is "a,b", expected one network, not 2';
    assert.throws(() => parseDefault('a,b'), { message });
  });
  it('refuses an interface name, since the runtime gives it', () => {
    assert.throws(() => parseDefault('a@eth1'), /element 0: interface is "eth1", expected no interface name/);
  });
});
