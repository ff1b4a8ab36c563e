import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatReport } from './format-report.ts';
import { loadLint } from './load-lint.ts';

const { knownObjects, lintText, readObjects } = await loadLint();

const TESTDATA = new URL('testdata/', import.meta.url);
const EXAMPLES = new URL('../../../examples/', import.meta.url);

function read(file: string, dir = TESTDATA): string {
  return readFileSync(new URL(file, dir), 'utf8');
}

for (const file of ['bad.yaml', 'good.yaml', 'node.conflist']) {
  test(`lintText() says of ${file} what ${file}.txt holds`, () => {
    assert.equal(formatReport(file, lintText(read(file))), read(`${file}.txt`));
  });
}

for (const file of readdirSync(EXAMPLES).filter(name => name.endsWith('.yaml'))) {
  test(`lintText() finds nothing wrong in examples/${file}`, () => {
    const { findings } = lintText(read(file, EXAMPLES));
    assert.deepEqual(
      findings.filter(({ severity }) => severity === 'error'),
      [],
    );
  });
}

test('lintText() holds networks against the policies of the text, or those that it is given', () => {
  const policy = `kind: AttachmentPolicy
metadata: { name: tenants }
spec: { namespaces: [team-a], types: [macvlan], masters: [eth1] }
`;
  const network = `kind: NetworkAttachmentDefinition
metadata: { name: lan, namespace: team-a }
spec:
  config: |
    { "cniVersion": "1.0.0", "type": "macvlan",
      "master": "eth0" }
`;
  const finding = {
    severity: 'error',
    field: 'spec.config.master',
    object: 'NetworkAttachmentDefinition "team-a/lan"',
    message: 'master is "eth0", expected what AttachmentPolicy "tenants" allows namespace "team-a": eth1',
  };
  assert.deepEqual(lintText(`${policy}---\n${network}`).findings, [{ ...finding, line: 10 }]);
  assert.deepEqual(lintText(network, knownObjects(readObjects(policy))).findings, [{ ...finding, line: 6 }]);
  assert.deepEqual(lintText(network).findings, []);
  const [broken] = lintText(policy.replace('[macvlan]', 'macvlan')).findings;
  assert.deepEqual([broken?.line, broken?.object], [3, 'AttachmentPolicy "tenants"']);
  assert.match(broken?.message ?? '', /^spec\.types is "macvlan", expected /);
});

test('lintText() warns of annotations of ours with a slip in their names, which would do nothing', () => {
  const found = lintText(`kind: NetworkAttachmentDefinition
metadata: { name: lan, namespace: a, annotations: { underlane.io/detct: conflict, underlane.io/scope: lan, other/detct: x } }
spec: { config: '{ "cniVersion": "1.0.0", "type": "macvlan", "master": "eth0" }' }
---
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: { name: p, annotations: { underlane.io/detect: conflict, underlane.io/scope: lan } }
spec: { subnet: 10.0.0.0/24, ips: [10.0.0.2] }
`).findings;
  assert.deepEqual(
    found.map(({ severity, line, message }) => [severity, line, message]),
    [
      [
        'warning',
        2,
        'metadata.annotations[underlane.io/detct] is "conflict", expected one of underlane.io/detect, underlane.io/scope: it does nothing',
      ],
      [
        'warning',
        7,
        'metadata.annotations[underlane.io/scope] is "lan", expected one of underlane.io/detect: it does nothing',
      ],
    ],
  );
});

test('lintText() knows that a device comes from a device plugin, where the annotation names a resource', () => {
  const network = (resource: string) => `kind: NetworkAttachmentDefinition
metadata:
  name: vf
  annotations:
    k8s.v1.cni.cncf.io/resourceName: ${resource}
spec:
  config: '{ "cniVersion": "1.0.0", "type": "sriov", "vlan": 7 }'
`;
  assert.deepEqual(lintText(network('intel.com/sriov')).findings, []);
  const policy = `kind: AttachmentPolicy
metadata: { name: tenants }
spec: { namespaces: ["*"], types: [sriov], masters: [] }
`;
  assert.deepEqual(lintText(`${network('intel.com/sriov')}---\n${policy}`).findings, []);
  const [finding] = lintText(network('sriov')).findings;
  assert.deepEqual([finding?.line, finding?.severity], [5, 'error']);
  assert.match(
    finding?.message ?? '',
    /is "sriov", expected a resource of a device plugin such as "intel\.com\/sriov"/,
  );
  const [without] = lintText(network('""')).findings;
  assert.match(
    without?.message ?? '',
    /deviceID is missing, expected a resourceName on the NetworkAttachmentDefinition/,
  );
});

test('lintText() refuses questions to the network that mean nothing, on networks and on pools', () => {
  const network = (detect: string) => `kind: NetworkAttachmentDefinition
metadata:
  name: lan
  annotations: { underlane.io/detect: "${detect}" }
spec:
  config: '{ "cniVersion": "1.0.0", "type": "macvlan", "master": "eth0" }'
`;
  const pool = (detect: string) => `apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata:
  name: lan
  annotations: { underlane.io/detect: "${detect}" }
spec: { subnet: 10.6.0.0/24, ips: [10.6.0.1-10.6.0.9] }
`;
  for (const [text, line] of [
    [network, 4],
    [pool, 5],
  ] as const) {
    assert.deepEqual(lintText(text('conflict,gateway')).findings, []);
    const [finding, ...others] = lintText(text('arp')).findings;
    assert.deepEqual([finding?.line, finding?.severity, others.length], [line, 'error', 0]);
    assert.match(finding?.message ?? '', /is "arp", expected "conflict", "gateway", "conflict,gateway" or "none"$/);
  }
});

test('lintText() names the line where a text is neither YAML nor JSON', () => {
  assert.deepEqual(lintText('a: 1\nb: c: d\n').findings, [
    {
      line: 2,
      severity: 'error',
      field: '',
      object: 'File',
      message: 'it is neither YAML nor JSON: bad indentation of a mapping entry',
    },
  ]);
});

test('lintText() reads a CNI configuration as JSON, not as the YAML that it also is', () => {
  const [finding] = lintText('{\n  "cniVersion": "1.0.0", "name": "x",\n  "type": "macvlan",\n}\n').findings;
  assert.match(finding?.message ?? '', /^not JSON: /);
  assert.equal(finding?.line, 4);
});

test("lintText() passes over a node's configuration by which the runtime calls us, and over what is not ours", () => {
  const nothing = { findings: [], networks: [] };
  assert.deepEqual(lintText('{"cniVersion": "1.0.0", "name": "underlane", "type": "underlane"}'), nothing);
  assert.deepEqual(lintText(''), nothing);
  assert.deepEqual(lintText('---\n- 1\n---\ntext\n---\n{kind: Service, spec: {}}\n'), nothing);
});

test('lintText() follows no key into what every object inherits', () => {
  const text = 'kind: Pod\nmetadata:\n  name: x\n  annotations: {"__proto__": {"a": 1}, "constructor": "b"}\n';
  assert.deepEqual(lintText(text).findings, []);
});

test('lintText() always answers, with lines that the text has', () => {
  const whole = `${read('good.yaml')}---\n${read('bad.yaml')}`;
  const position = fc.nat({ max: whole.length });
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      '',
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '\n',
      '\n---\n',
      '  ',
      '&a ',
      '*a',
      'null',
      '[[',
      '|',
      '1e999',
    ),
  );
  fc.assert(
    fc.property(position, fc.nat({ max: 60 }), piece, (from, length, inserted) => {
      const text = whole.slice(0, from) + inserted + whole.slice(from + length);
      const { findings, networks } = lintText(text);
      const lines = text.split('\n').length;
      for (const { line } of [...findings, ...networks])
        assert.ok(line >= 1 && line <= lines, `line ${line} of ${lines}`);
    }),
    { numRuns: 100 },
  );
});

test('lintText() takes a kind or name that is no text', () => {
  for (const kind of [{ toString: '' }, [], null, 7]) {
    assert.deepEqual(lintText(JSON.stringify({ kind, metadata: { name: kind } })).findings, []);
    const policy = { kind: 'AttachmentPolicy', metadata: { name: kind } };
    assert.ok(lintText(JSON.stringify(policy)).findings.length >= 1);
  }
});

test('lintText() holds pools of one text against each other, and annotations against the pools', () => {
  const pool = (name: string, ips: string) => `apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: { name: ${name} }
spec:
  subnet: 10.6.0.0/16
  ips: [${ips}]
`;
  const pod = (names: string) => `kind: Deployment
metadata: { name: web }
spec:
  template:
    metadata:
      annotations:
        ipam.spidernet.io/ippool: '{"ipv4": [${names}]}'
`;
  const said = (...documents: readonly string[]) =>
    lintText(documents.join('---\n')).findings.map(({ line, severity, field, message }) => [
      line,
      severity,
      field,
      message,
    ]);
  assert.deepEqual(said(pool('a', '10.6.0.3'), pool('b', '10.6.0.4'), pod('"a", "*"')), []);
  const [first, second, ...others] = said(pool('a', '10.6.0.3-10.6.0.9'), pool('b', '10.6.0.9'));
  assert.deepEqual(
    [first?.slice(0, 3), second?.slice(0, 3), others],
    [[6, 'error', 'spec.ips'], [13, 'error', 'spec.ips'], []],
  );
  const field = 'spec.template.metadata.annotations[ipam.spidernet.io/ippool]';
  assert.deepEqual(said(pod('"c"'), pool('a', '10.6.0.3')), [
    [
      7,
      'warning',
      field,
      'annotation ipam.spidernet.io/ippool: SpiderIPPool "c" is none of those that are known here: a',
    ],
  ]);
  assert.deepEqual(said(pod('"c"')), []);
  assert.deepEqual(said(pod('')), [
    [
      7,
      'error',
      field,
      'Cannot use annotation ipam.spidernet.io/ippool: it is {"ipv4":[]}, expected at least one name in ipv4 or ipv6',
    ],
  ]);
});

test('lintText() says which pools a network relies on that are not there', () => {
  const network = (ipam: object) => `kind: NetworkAttachmentDefinition
metadata: { name: lan, namespace: shop }
spec:
  config: |
    { "cniVersion": "1.0.0", "type": "macvlan", "master": "eth0",
      "ipam": ${JSON.stringify(ipam)} }
`;
  const objects = `kind: SpiderIPPool
metadata: { name: pool-a }
spec: { subnet: 10.6.0.0/16 }
---
kind: Subnet
metadata: { name: sub }
spec: { provider: other.shop, protocol: IPv4, cidrBlock: 10.7.0.0/16 }
`;
  const said = (ipam: object, others = objects) =>
    lintText(`${network(ipam)}---\n${others}`).findings.map(({ line, severity, field, message }) => [
      line,
      severity,
      field,
      message,
    ]);
  assert.deepEqual(said({ type: 'spiderpool', default_ipv4_ippool: ['pool-*'] }), []);
  assert.deepEqual(said({ type: 'spiderpool', default_ipv4_ippool: ['pool-b'] }), [
    [
      6,
      'warning',
      'spec.config.ipam.default_ipv4_ippool[0]',
      'ipam: default_ipv4_ippool[0] is "pool-b", none of the SpiderIPPools that are known here: pool-a',
    ],
  ]);
  assert.deepEqual(said({ type: 'kube-ovn', provider: 'lan.shop' }), [
    [
      6,
      'warning',
      'spec.config.ipam.type',
      'ipam: provider lan.shop is not bound to any of the Subnets that are known here: sub',
    ],
  ]);
  assert.deepEqual(said({ type: 'kube-ovn', provider: 'lan.shop' }, objects.replace('other.shop', 'lan.shop')), []);
  assert.deepEqual(said({ type: 'spiderpool', default_ipv4_ippool: ['pool-b'] }, 'kind: Pod\n'), []);
});

test('lintText() tells kinds of one name apart by their group, and says what nobody needs to write', () => {
  const of = (apiVersion: string) =>
    lintText(`apiVersion: ${apiVersion}\nkind: IPPool\nmetadata: { name: x }\nspec: {}\n`);
  assert.match(of('kubeovn.io/v1').findings[0]?.message ?? '', /^spec\.subnet is missing/);
  const [note] = of('whereabouts.cni.cncf.io/v1alpha1').findings;
  assert.deepEqual([note?.severity, note?.line], ['warning', 2]);
  assert.deepEqual(of('crd.projectcalico.org/v1').findings, []);
});
