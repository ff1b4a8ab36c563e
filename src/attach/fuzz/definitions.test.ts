import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadAll } from 'js-yaml';
import type { NetworkAttachmentDefinition } from '#api';
import { parseNetworkConfig } from '#cni';
import { resolveNad } from '#networks';
import { plugins } from '#plugins';
import { parseChain } from '../chain.ts';
import { withDevice } from '../give-devices.ts';
import { lintText } from '../lint/lint-file.ts';
import { parsePipelineConfig } from '../pipeline-config.ts';
import { requireAllowed } from '../policy.ts';
import { fuzz } from './fuzz.ts';
import { hostileValue, nearly, nearlyText } from './hostile-values.ts';

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
const name = fc.constantFrom('up0', 'br0', 'eth1', 'bond0.7');
const flag = fc.boolean();
const cidrs = fc.array(fc.constantFrom('10.0.0.0/8', 'fd00::/8', '10.0.0.1'), { maxLength: 2 });
const plugin = fc.record(
  {
    type: fc.constantFrom(...plugins.map(({ type }) => type), 'portmap', 'tuning', 'sbr'),
    ipam,
    master: name,
    bridge: name,
    device: name,
    deviceID: fc.constantFrom('0000:03:02.1', 'eth1'),
    mode: fc.constantFrom('bridge', 'private', 'l2', 'l3s'),
    mtu: fc.nat(70_000),
    mac: fc.constant('02:00:00:00:00:01'),
    vlan: fc.nat(5_000),
    vlanId: fc.nat(5_000),
    vlanTrunk: fc.array(
      fc.record({ minID: fc.nat(4_094), maxID: fc.nat(4_094), id: fc.nat(4_094) }, { requiredKeys: [] }),
    ),
    isGateway: flag,
    isDefaultGateway: flag,
    ipMasq: flag,
    hairpinMode: flag,
    promiscMode: flag,
    linkInContainer: flag,
    macspoofchk: flag,
    bcqueuelen: fc.nat(),
    spoofchk: fc.constantFrom('on', 'off'),
    trust: fc.constantFrom('on', 'off'),
    link_state: fc.constantFrom('auto', 'enable'),
    max_tx_rate: fc.nat(),
    min_tx_rate: fc.nat(),
    hwaddr: fc.constant('02:00:00:00:00:02'),
    kernelpath: fc.constant('/sys/devices/x'),
    pciBusID: fc.constant('0000:03:02.1'),
    service_hijack_subnet: cidrs,
    overlay_hijack_subnet: cidrs,
    additional_hijack_subnet: cidrs,
    migrate_route: fc.constantFrom(-1, 0, 1),
    rp_filter: fc.record({ set_host: flag, value: fc.nat(3) }),
    capabilities: fc.record({ ips: flag, mac: flag, deviceID: flag, portMappings: flag }, { requiredKeys: [] }),
    args: fc.constant({ cni: { ips: ['10.0.0.7/24'] } }),
    dns: fc.constant({ nameservers: ['10.0.0.53'], search: ['a.b'] }),
  },
  { requiredKeys: ['type'] },
);
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
      loadOnlyInlinedPlugins: flag,
    },
    { requiredKeys: ['name', 'plugins'] },
  ),
);
const runtime = { ips: ['10.0.0.8/24'], mac: '02:00:00:00:00:03', deviceID: '0000:03:02.2', portMappings: [] };
const policies = [{ metadata: { name: 'p' }, spec: { namespaces: ['*'], types: ['mac*'], masters: ['up*'] } }];

describe('fuzz: networks', () => {
  it('NetworkAttachmentDefinitions, to the parsed chain, with a device and arguments of a pod', () => {
    const written = nearly(config).map(value => JSON.stringify(value) ?? '');
    let chains = 0;
    fuzz(fc.oneof({ weight: 6, arbitrary: written }, { weight: 1, arbitrary: nearlyText(written) }), 14_000, text => {
      const nad: NetworkAttachmentDefinition = { metadata: { name: 'lan', namespace: 'shop' }, spec: { config: text } };
      const network = resolveNad(nad);
      const source = 'NetworkAttachmentDefinition "shop/lan"';
      const chain = parseChain(withDevice(network, { id: '0000:03:02.3', resource: 'intel.com/sriov' }), {
        source,
        lacksKind: () => false,
        capabilityArgs: runtime,
      });
      for (const step of chain) if (step.kind === 'planned') step.plugin.devices?.(step.config);
      chains++;
      requireAllowed({ namespace: 'shop', source, config: network }, policies);
    });
    assert.ok(chains > 500, `${chains} chains were read: the generator does not reach far enough`);
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
