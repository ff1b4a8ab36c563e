import type { Clock, Log } from '#base';
import { Counter, Gauge, type Registry } from '#health';
import { type Installation, type InstallReport, keepInstalled } from '#install';
import type { EventRecorder } from '#kube';

export interface StayInstalledOptions {
  readonly installation: Installation;
  readonly nodeName: string;
  readonly events: EventRecorder | undefined;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What somebody has to look at; the rest is for the log alone. */
const WARNINGS: ReadonlySet<InstallReport['kind']> = new Set(['lost', 'failed', 'primary-unusable', 'passed-over']);

/** Keeps us installed on the node, and says in the log, in Events of the Node and in metrics what becomes of that. */
export function stayInstalled(options: StayInstalledOptions): { readonly done: Promise<void> } {
  const { installation, nodeName, events, registry, clock, log, signal } = options;
  const registers = [registry];
  const isInstalled = new Gauge({
    name: 'underlane_cni_config_installed',
    help: "1 while the node's CNI configuration calls Underlane, as far as it knows",
    registers,
  });
  const lost = new Counter({
    name: 'underlane_cni_config_lost_total',
    help: "How often somebody renamed, removed or changed Underlane's CNI configuration",
    registers,
  });
  return keepInstalled({
    installation,
    clock,
    log,
    signal,
    onReport({ kind, message }) {
      if (kind === 'lost') lost.inc();
      if (kind === 'installed' || kind === 'in-place' || kind === 'restored' || kind === 'primary-changed')
        isInstalled.set(1);
      if (kind === 'lost' || kind === 'uninstalled') isInstalled.set(0);
      if (WARNINGS.has(kind)) log.warn({ kind }, message);
      else log.info({ kind }, message);
      const type = WARNINGS.has(kind) ? 'Warning' : 'Normal';
      // kubelet's own Events of a Node carry its name as uid; so do the tools that look for them.
      events?.record({ kind: 'Node', name: nodeName, uid: nodeName }, type, REASONS[kind], message);
    },
  });
}

const REASONS: Readonly<Record<InstallReport['kind'], string>> = {
  installed: 'CNIConfigInstalled',
  'in-place': 'CNIConfigInstalled',
  'primary-changed': 'PrimaryNetworkChanged',
  'primary-unusable': 'PrimaryNetworkUnusable',
  'passed-over': 'MultusSettingsPassedOver',
  lost: 'CNIConfigLost',
  restored: 'CNIConfigRestored',
  failed: 'CNIInstallFailed',
  uninstalled: 'CNIConfigUninstalled',
};
