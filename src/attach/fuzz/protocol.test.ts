import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseRequest, parseResult, SUPPORTED_VERSIONS, toVersionedResult } from '#cni';
import { formatNetworkStatus, networkStatusEntries } from '#networks';
import { parseEntry } from '../journal/parse-entry.ts';
import { fuzz } from './fuzz.ts';
import { hostileText, hostileValue, nearly, nearlyText, pumped } from './hostile-values.ts';

/** What runtimes and plugins say. */
const pairs = fc
  .array(
    fc.constantFrom(
      'IgnoreUnknown=1',
      'K8S_POD_NAMESPACE=shop',
      'K8S_POD_NAME=web-0',
      'K8S_POD_UID=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
      'K8S_POD_INFRA_CONTAINER_ID=abc',
      'IP=10.0.0.1/24,fd00::1',
      'MAC=02:00:00:00:00:01',
      'GATEWAY=10.0.0.254',
      '__proto__=x',
    ),
    { maxLength: 6 },
  )
  .map(items => items.join(';'));

const result = fc.record(
  {
    cniVersion: fc.constantFrom<string>(...SUPPORTED_VERSIONS),
    interfaces: fc.array(
      fc.record(
        {
          name: fc.constantFrom('eth0', 'veth1'),
          mac: fc.constant('02:00:00:00:00:01'),
          sandbox: fc.constant('/run/netns/x'),
          mtu: fc.nat(9_000),
        },
        { requiredKeys: ['name'] },
      ),
      { maxLength: 3 },
    ),
    ips: fc.array(
      fc.record(
        {
          address: fc.constantFrom('10.0.0.1/24', 'fd00::1/64'),
          gateway: fc.constantFrom('10.0.0.254', 'fd00::fe'),
          interface: fc.nat(3),
          version: fc.constantFrom('4', '6'),
        },
        { requiredKeys: ['address'] },
      ),
      { maxLength: 3 },
    ),
    routes: fc.array(
      fc.record(
        { dst: fc.constantFrom('0.0.0.0/0', '::/0'), gw: fc.constant('10.0.0.254'), mtu: fc.nat(), table: fc.nat(300) },
        { requiredKeys: ['dst'] },
      ),
      { maxLength: 2 },
    ),
    ip4: fc.constant({ ip: '10.0.0.1/24', gateway: '10.0.0.254', routes: [{ dst: '0.0.0.0/0' }] }),
    ip6: fc.constant({ ip: 'fd00::1/64' }),
    dns: fc.constant({ nameservers: ['10.0.0.53'], domain: 'a.b' }),
  },
  { requiredKeys: ['cniVersion'] },
);

describe('fuzz: protocol', () => {
  it('requests: CNI_ARGS, the other variables and stdin', () => {
    const config = nearly(
      fc.constant<unknown>({
        cniVersion: '1.0.0',
        name: 'node',
        type: 'multus',
        clusterNetwork: 'lan',
        runtimeConfig: { portMappings: [{ hostPort: 80, containerPort: 80, protocol: 'tcp' }] },
        prevResult: { cniVersion: '1.0.0', ips: [{ address: '10.0.0.1/24' }] },
        'cni.dev/valid-attachments': [{ containerID: 'c', ifname: 'eth0' }],
      }),
    );
    const inputs = fc.record({
      args: fc.oneof(nearlyText(pairs), hostileText, pumped),
      command: fc.constantFrom('ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION'),
      container: fc.oneof(fc.constant('c1'), hostileText),
      ifname: fc.oneof(fc.constant('eth0'), hostileText),
      config,
    });
    let passed = 0;
    fuzz(inputs, 18_000, ({ args, command, container, ifname, config: value }) => {
      const env = {
        CNI_COMMAND: command,
        CNI_CONTAINERID: container,
        CNI_IFNAME: ifname,
        CNI_NETNS: '/run/netns/x',
        CNI_PATH: '/opt/cni/bin',
        CNI_ARGS: args,
      };
      parseRequest({ plugin: 'multus', env, stdin: JSON.stringify(value) ?? '' });
      passed++;
    });
    assert.ok(passed > 500, `${passed} requests were read: the generator does not reach far enough`);
  });

  it('results of plugins, to every version and into network-status', () => {
    const text = nearly(result).map(value => JSON.stringify(value) ?? '');
    let passed = 0;
    fuzz(
      fc.tuple(fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: nearlyText(text) }), fc.boolean()),
      12_000,
      ([input, isDefault]) => {
        const parsed = parseResult(input, '1.0.0', 'result of plugin "x"');
        JSON.parse(formatNetworkStatus(networkStatusEntries({ name: 'n', result: parsed, isDefault, ifname: 'net1' })));
        for (const version of SUPPORTED_VERSIONS) JSON.stringify(toVersionedResult(parsed, version));
        passed++;
      },
    );
    assert.ok(passed > 500, `${passed} results were read: the generator does not reach far enough`);
  });

  it('files of the journal, which are set aside for whatever they hold', () => {
    const entry = nearly(
      fc.constant<unknown>({
        format: 1,
        key: { containerId: 'c', ifname: 'eth0', plugin: 'underlane', network: 'node' },
        netns: '/run/netns/x',
        nonce: '00',
        attachments: [{ network: 'lan', ifname: 'eth0', leases: [], segments: [{ kind: 'exec', type: 'x' }] }],
      }),
    ).map(value => JSON.stringify(value) ?? '');
    const anything = hostileValue.map(value => JSON.stringify(value) ?? '');
    fuzz(fc.oneof(entry, nearlyText(entry), anything), 500, input => {
      try {
        parseEntry(input, 'c.added.json');
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    });
  });
});
