import { existsSync } from 'node:fs';
import { NETWORK_ATTACHMENT_DEFINITIONS, type NetworkAttachmentDefinition } from '#api';
import { familyOf } from '../family.ts';
import type { Manifest } from '../manifests.ts';
import { SERVICES, type Service } from '../resources.ts';

/** Undefined when the kernel has IPv6, else why not. */
export function whyNoIpv6(sysctls = '/proc/sys'): string | undefined {
  // Settings that switch it off for each namespace are ours to change; these lack where it was left out, or switched off at boot.
  return existsSync(`${sysctls}/net/ipv6`) ? undefined : 'kernel lacks IPv6, or was booted with ipv6.disable=1';
}

/** The example's object for a cluster that has IPv4 alone. */
export function withoutIpv6(manifest: Manifest): Manifest {
  if (manifest.kind === SERVICES.kind) {
    const { ipFamilyPolicy: _, ...spec } = (manifest as Manifest & Service).spec; // its kind says so
    return { ...manifest, spec } as Manifest;
  }
  if (manifest.kind !== NETWORK_ATTACHMENT_DEFINITIONS.kind) return manifest;
  const { spec } = manifest as Manifest & NetworkAttachmentDefinition; // its kind says so
  const { plugins = [], ...list } = JSON.parse(spec?.config ?? '{}') as { plugins?: readonly Plugin[] }; // our own example
  const config = { ...list, plugins: plugins.map(pluginWithoutIpv6) };
  return { ...manifest, spec: { ...spec, config: JSON.stringify(config) } } as Manifest;
}

/** What the examples' plugins have of addresses. */
interface Plugin {
  readonly ipam?: {
    readonly ipRanges?: readonly { readonly range: string }[];
    readonly routes?: readonly { readonly dst: string }[];
  };
}

function pluginWithoutIpv6(plugin: Plugin): Plugin {
  if (plugin.ipam === undefined) return plugin;
  const { ipRanges = [], routes = [], ...ipam } = plugin.ipam;
  return {
    ...plugin,
    ipam: {
      ...ipam,
      ipRanges: ipRanges.filter(({ range }) => familyOf(range) === 'IPv4'),
      routes: routes.filter(({ dst }) => familyOf(dst) === 'IPv4'),
    },
  };
}
