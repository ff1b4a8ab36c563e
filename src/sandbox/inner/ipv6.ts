import { existsSync } from 'node:fs';
import type { KubeOvnSubnet, NetworkAttachmentDefinition, SpiderIPPool } from '#api';
import { familyOf } from '../family.ts';
import type { Manifest } from '../manifests.ts';
import type { Service } from '../resources.ts';
import type { Deployment } from '../workloads.ts';

/** Undefined when the kernel has IPv6, else why not. */
export function whyNoIpv6(sysctls = '/proc/sys'): string | undefined {
  // Settings that switch it off for each namespace are ours to change; these lack where it was left out, or switched off at boot.
  return existsSync(`${sysctls}/net/ipv6`) ? undefined : 'kernel lacks IPv6, or was booted with ipv6.disable=1';
}

/** The example's object for a cluster that has IPv4 alone; undefined for one that is about nothing else. */
export function withoutIpv6(manifest: Manifest): Manifest | undefined {
  switch (manifest.kind) {
    case 'Service': {
      const { ipFamilyPolicy: _, ...spec } = (manifest as Manifest & Service).spec; // its kind says so
      return { ...manifest, spec } as Manifest;
    }
    case 'NetworkAttachmentDefinition':
      return networkWithoutIpv6(manifest as Manifest & NetworkAttachmentDefinition); // its kind says so
    case 'SpiderIPPool':
      return familyOf((manifest as Manifest & SpiderIPPool).spec.subnet) === 'IPv4' ? manifest : undefined; // its kind says so
    case 'Subnet':
      return subnetWithoutIpv6(manifest as Manifest & KubeOvnSubnet); // its kind says so
    case 'Pod':
      return { ...manifest, metadata: metadataWithoutIpv6(manifest.metadata) };
    case 'Deployment': {
      const { spec } = manifest as Manifest & Deployment; // its kind says so
      const metadata = metadataWithoutIpv6(spec.template.metadata ?? {});
      return { ...manifest, spec: { ...spec, template: { ...spec.template, metadata } } } as Manifest;
    }
    default:
      return manifest;
  }
}

function networkWithoutIpv6(network: Manifest & NetworkAttachmentDefinition): Manifest {
  const { spec } = network;
  const { plugins, ...config } = JSON.parse(spec?.config ?? '{}') as { plugins?: readonly Plugin[] }; // our own example
  const list = plugins === undefined ? config : { ...config, plugins: plugins.map(pluginWithoutIpv6) };
  return { ...network, spec: { ...spec, config: JSON.stringify(list) } } as Manifest;
}

function subnetWithoutIpv6(subnet: Manifest & KubeOvnSubnet): Manifest {
  const { cidrBlock = '', gateway = '', ...spec } = subnet.spec;
  const own = { cidrBlock: listWithoutIpv6(cidrBlock), gateway: listWithoutIpv6(gateway), protocol: 'IPv4' };
  return { ...subnet, spec: { ...spec, ...own } } as Manifest;
}

/** What annotations ask for: addresses, lists of them, and pools by family. */
function metadataWithoutIpv6<T extends { readonly annotations?: Readonly<Record<string, string>> }>(metadata: T): T {
  const { annotations } = metadata;
  if (annotations === undefined) return metadata;
  const changed = Object.entries(annotations).map(([key, text]) => {
    if (/\/ip_(address|pool)$/.test(key)) return [key, listWithoutIpv6(text)];
    if (key !== 'ipam.spidernet.io/ippool') return [key, text];
    const { ipv6: _, ...pools } = JSON.parse(text) as { readonly ipv6?: unknown }; // our own example
    return [key, JSON.stringify(pools)];
  });
  return { ...metadata, annotations: Object.fromEntries(changed) };
}

/** Of `a4,a6;b4,b6` the parts of IPv4: `a4;b4`. */
function listWithoutIpv6(text: string): string {
  const entries = text.split(';').map(entry => entry.split(',').filter(word => familyOf(word) === 'IPv4'));
  return entries.map(words => words.join(',')).join(';');
}

/** What the examples' plugins have of addresses. */
interface Plugin {
  readonly ipam?: {
    readonly ipRanges?: readonly { readonly range: string }[];
    readonly routes?: readonly { readonly dst: string }[];
  };
}

/** What a plugin does not have it does not get: not every IPAM knows each of them. */
function pluginWithoutIpv6(plugin: Plugin): Plugin {
  const { ipam } = plugin;
  if (ipam === undefined) return plugin;
  const { ipRanges, routes } = ipam;
  return {
    ...plugin,
    ipam: {
      ...ipam,
      ...(ipRanges === undefined ? {} : { ipRanges: ipRanges.filter(({ range }) => familyOf(range) === 'IPv4') }),
      ...(routes === undefined ? {} : { routes: routes.filter(({ dst }) => familyOf(dst) === 'IPv4') }),
    },
  };
}
