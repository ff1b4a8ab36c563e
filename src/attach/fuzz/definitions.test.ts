import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadAll } from 'js-yaml';
import type { NetworkAttachmentDefinition } from '#api';
import { parseNetworkConfig } from '#cni';
import { resolveNad } from '#networks';
import { plugins } from '#plugins';
import { loadLint } from '../lint/load-lint.ts';
import { parseChain } from '../resolve/chain.ts';
import { withDevice } from '../resolve/give-devices.ts';
import { parsePipelineConfig } from '../resolve/pipeline-config.ts';
import { requireAllowed } from '../resolve/policy.ts';
import { fuzz } from './fuzz.ts';
import { hostileValue, nearly, nearlyText } from './hostile-values.ts';

const { lintText } = await loadLint();

/** NetworkAttachmentDefinitions, manifests and the configuration of the pipeline. */
const EXAMPLES = new URL('../../../examples/', import.meta.url);
const manifests = readdirSync(EXAMPLES).map(name => readFileSync(new URL(name, EXAMPLES), 'utf8'));
const nads = manifests
  .flatMap(text => loadAll(text) as readonly { readonly kind: string; readonly spec: { readonly config: string } }[])
  .filter(({ kind }) => kind === 'NetworkAttachmentDefinition');
const ofExamples = nads.map(({ spec }): unknown => JSON.parse(spec.config));

const ranges = { range: '10.0.0.0/24', gateway: '10.0.0.1', exclude: ['10.0.0.9/32'], range_end: '10.0.0.90' };
const ipam = fc.constantFrom<unknown>(
  { type: 'whereabouts', ...ranges, network_name: 'lan', routes: [{ dst: '0.0.0.0/0' }] },
  { type: 'whereabouts', ipRanges: [{ range: 'fd00::/64', exclude: ['fd00::1/128'] }, ranges] },
  { type: 'static', addresses: [{ address: '10.0.0.5/24', gateway: '10.0.0.1' }], dns: { nameservers: ['10.0.0.53'] } },
  { type: 'host-local', ranges: [[{ subnet: '10.1.0.0/16', rangeStart: '10.1.0.9', rangeEnd: '10.1.9.9' }]] },
  { type: 'host-local', subnet: 'fd00::/64', routes: [{ dst: '::/0', gw: 'fd00::1' }] },
  { type: 'somebodys', pools: ['a'] },
);
/** Each type with what it needs. */
const SOUND: readonly Readonly<Record<string, unknown>>[] = [
  { type: 'macvlan', master: 'up0', mode: 'private', mtu: 1400, mac: '02:00:00:00:00:01', bcqueuelen: 5 },
  { type: 'macvlan', master: 'up0', linkInContainer: true },
  { type: 'ipvlan', master: 'up0', mode: 'l3' },
  { type: 'vlan', master: 'up0', vlanId: 7, mtu: 1400 },
  { type: 'bridge', bridge: 'br0', isGateway: true, ipMasq: true, hairpinMode: true, vlan: 7 },
  { type: 'bridge', bridge: 'br0', vlanTrunk: [{ minID: 3, maxID: 9 }, { id: 12 }], macspoofchk: true },
  { type: 'bridge', isDefaultGateway: true, forceAddress: true, disableContainerInterface: false },
  { type: 'ptp', ipMasq: true, mtu: 1400 },
  { type: 'dummy' },
  { type: 'host-device', device: 'eth1' },
  { type: 'host-device', hwaddr: '02:00:00:00:00:02' },
  { type: 'host-device', pciBusID: '0000:03:02.1' },
  {
    type: 'sriov',
    vlan: 7,
    vlanQoS: 3,
    spoofchk: 'on',
    trust: 'off',
    link_state: 'auto',
    max_tx_rate: 100,
    min_tx_rate: 9,
  },
  { type: 'loopback' },
  { type: 'passthru' },
  { type: 'veth', service_hijack_subnet: ['10.96.0.0/12'], overlay_hijack_subnet: ['10.244.0.0/16'], migrate_route: 1 },
  { type: 'veth', additional_hijack_subnet: ['fd00::/8'], rp_filter: { set_host: true, value: 2 } },
  { type: 'tuning', sysctl: { 'net.core.somaxconn': '9' } },
  { type: 'portmap', capabilities: { portMappings: true } },
];
const EXTRAS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { capabilities: { ips: true, mac: true, deviceID: true } },
  { args: { cni: { ips: ['10.0.0.7/24'] } } },
  { dns: { nameservers: ['10.0.0.53'], search: ['a.b'] } },
  { mac: '02:00:00:00:00:09', mtu: 1300 },
];
const plugin = fc
  .tuple(fc.constantFrom(...SOUND), fc.constantFrom(...EXTRAS), fc.option(ipam, { nil: undefined }))
  .map(([sound, extra, own]) => ({ ...sound, ...extra, ...(own === undefined ? {} : { ipam: own }) }));
const config = fc.oneof(
  fc.constantFrom(...ofExamples),
  plugin.map((one): unknown => ({ cniVersion: '1.0.0', name: 'lan', ...one })),
  fc.record(
    {
      cniVersion: fc.constantFrom('0.3.1', '0.4.0', '1.0.0', '1.1.0'),
      name: fc.constantFrom('lan', 'Lan_2.x'),
      plugins: fc.array(plugin, { minLength: 1, maxLength: 3 }),
      disableCheck: fc.constantFrom<unknown>(true, 'false'),
      disableGC: fc.constantFrom<unknown>(true, 'true'),
      loadOnlyInlinedPlugins: fc.boolean(),
    },
    { requiredKeys: ['name', 'plugins'] },
  ),
);
const runtime = { ips: ['10.0.0.8/24'], mac: '02:00:00:00:00:03', deviceID: '0000:03:02.2', portMappings: [] };
const policies = [{ metadata: { name: 'p' }, spec: { namespaces: ['*'], types: ['mac*'], masters: ['up*'] } }];

describe('fuzz: networks', () => {
  it('NetworkAttachmentDefinitions, to the parsed chain, with a device and arguments of a pod', () => {
    const written = nearly(config).map(value => JSON.stringify(value) ?? '');
    const reached = new Set<string>();
    fuzz(fc.oneof({ weight: 6, arbitrary: written }, { weight: 1, arbitrary: nearlyText(written) }), 14_000, text => {
      const nad: NetworkAttachmentDefinition = { metadata: { name: 'lan', namespace: 'shop' }, spec: { config: text } };
      const network = resolveNad(nad);
      const source = 'NetworkAttachmentDefinition "shop/lan"';
      const chain = parseChain(withDevice(network, { id: '0000:03:02.3', resource: 'intel.com/sriov' }), {
        source,
        lacksKind: () => false,
        capabilityArgs: runtime,
      });
      for (const step of chain) {
        if (step.kind !== 'planned') continue;
        step.plugin.devices?.(step.config);
        reached.add(step.plugin.type);
        if (step.ipam?.kind === 'ours') reached.add(step.ipam.config.dialect);
      }
      requireAllowed({ namespace: 'shop', source, config: network }, policies);
    });
    // Else the inputs are too hostile to find anything behind the first check.
    assert.deepEqual(
      [...reached].sort(),
      [...plugins.map(({ type }) => type), 'whereabouts', 'static', 'host-local', 'spiderpool', 'kube-ovn'].sort(),
    );
  });

  it('manifests in front of lint, which says all and throws nothing', () => {
    const text = nearlyText(fc.constantFrom(...manifests));
    const list = nearly(fc.constantFrom<unknown>(...manifests.flatMap(each => loadAll(each))));
    const inputs = fc.oneof(
      text,
      list.map(value => JSON.stringify(value) ?? ''),
    );
    fuzz(inputs, 1_500, input => {
      assert.doesNotThrow(() => lintText(input));
    });
  });

  it('the configuration that the runtime calls the pipeline by, and its delegates', () => {
    const pipeline = fc.record(
      {
        name: fc.constant('node'),
        type: fc.constantFrom('multus', 'multus-shim', 'underlane'),
        clusterNetwork: fc.constantFrom('lan', '/etc/cni/net.d/10-lan.conflist'),
        delegates: fc.array(config, { maxLength: 2 }),
        defaultNetworks: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
        systemNamespaces: fc.array(fc.constantFrom('kube-system', 'x'), { maxLength: 2 }),
        multusNamespace: fc.constant('kube-system'),
        namespaceIsolation: fc.constantFrom<unknown>(true, false, 'true'),
        globalNamespaces: fc.constantFrom('default, shop', ','),
        readinessindicatorfile: fc.constant('/run/ready'),
        auxiliaryCNIChainName: fc.constant('vendor'),
        confDir: fc.constant('/etc/cni/multus/net.d'),
        binDir: fc.constant('/opt/cni/bin'),
        capabilities: fc.constant({ portMappings: true }),
        logOptions: fc.constant({ maxAge: 5 }),
      },
      { requiredKeys: ['type'] },
    );
    const object = (value: unknown): Record<string, unknown> =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
    fuzz(fc.tuple(nearly(pipeline), nearly(pipeline), hostileValue), 8_000, ([own, overlay, delegate]) => {
      const { delegates, source } = parsePipelineConfig(object(own), object(overlay));
      for (const each of [...delegates, delegate]) parseNetworkConfig(each, { source, defaultVersion: '0.1.0' });
    });
  });
});
