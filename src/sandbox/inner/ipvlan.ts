import { NETWORK_ATTACHMENT_DEFINITIONS, type NetworkAttachmentDefinition } from '#api';
import { messageOf } from '#base';
import type { Manifest } from '../manifests.ts';
import { runCommand } from '../run-command.ts';

/** Tries to make an ipvlan link, since only that tells. Undefined when the kernel can, else the reason. */
export async function whyNoIpvlan(master: string): Promise<string | undefined> {
  try {
    await runCommand('ip', ['link', 'add', 'link', master, 'name', 'ipvlan-probe', 'type', 'ipvlan', 'mode', 'l2']);
    await runCommand('ip', ['link', 'del', 'ipvlan-probe']);
    return undefined;
  } catch (error) {
    return messageOf(error).includes('Unknown device type') ? 'kernel lacks ipvlan' : messageOf(error);
  }
}

/** The example's network as macvlan, so that everything around it can still be shown on a kernel without ipvlan. */
export function withoutIpvlan(manifest: Manifest): Manifest {
  if (manifest.kind !== NETWORK_ATTACHMENT_DEFINITIONS.kind) return manifest;
  const { spec } = manifest as Manifest & NetworkAttachmentDefinition; // its kind says so
  const config = JSON.parse(spec?.config ?? '{}') as { plugins?: Readonly<Record<string, unknown>>[] }; // our own example
  if (config.plugins?.some(plugin => plugin['type'] === 'ipvlan') !== true) return manifest;
  const plugins = config.plugins.map(plugin =>
    plugin['type'] === 'ipvlan' ? { ...plugin, type: 'macvlan', mode: 'bridge' } : plugin,
  );
  return { ...manifest, spec: { ...spec, config: JSON.stringify({ ...config, plugins }) } } as Manifest;
}
