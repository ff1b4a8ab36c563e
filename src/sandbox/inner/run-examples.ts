import { type CheckRow, skippedRow } from '../checks/check.ts';
import type { Report } from '../checks/report.ts';
import { runChecks } from '../checks/run-checks.ts';
import { applyManifest, type Manifest, readManifests } from '../manifests.ts';
import { SANDBOX_PODS } from '../resources.ts';
import type { Topology } from '../topology.ts';
import { DEPLOYMENTS, type Deployment } from '../workloads.ts';
import type { Cluster } from './cluster.ts';
import { withoutIpv6 } from './ipv6.ts';
import { whyNoIpvlan, withoutIpvlan } from './ipvlan.ts';

export interface RunExamplesOptions {
  readonly cluster: Cluster;
  /** Folder of the manifests. */
  readonly dir: string;
  readonly topology: Topology;
  /** Why the topology lacks IPv6; undefined where it does not. */
  readonly ipv6Skipped: string | undefined;
  readonly stateDir: string;
  readonly report: Report;
}

/** Applies the examples, as far as this machine can run them, and checks what they promise. Resolves with one row a check. */
export async function runExamples(options: RunExamplesOptions): Promise<CheckRow[]> {
  const { cluster, dir, topology, ipv6Skipped, stateDir, report } = options;
  const { client, pods } = cluster;
  const [manifests, ipvlanSkipped] = await Promise.all([readManifests(dir), whyNoIpvlan(topology.secondLan.bridge)]);
  report.progress(`Applying ${manifests.length} objects of examples/ and waiting for their pods`);
  const applied = manifests
    .map(manifest => (ipvlanSkipped === undefined ? manifest : withoutIpvlan(manifest)))
    .flatMap(manifest => (ipv6Skipped === undefined ? manifest : (withoutIpv6(manifest) ?? [])));
  for (const manifest of applied) await applyManifest(client, manifest);
  const podCount = applied.reduce((sum, manifest) => sum + podsOf(manifest), 0);
  const ipvlan = { name: 'ipvlan as additional network', family: null, from: 'samplepod', to: 'samplepod-2' };
  const ipv6 = { name: 'every path over IPv6', family: 'IPv6', from: '', to: '' } as const;
  const skipped = [
    ...(ipvlanSkipped === undefined ? [] : [skippedRow(ipvlan, ipvlanSkipped)]),
    ...(ipv6Skipped === undefined ? [] : [skippedRow(ipv6, ipv6Skipped)]),
  ];
  return await runChecks({ client, pods, podCount, skipped, topology, stateDir, report });
}

function podsOf({ kind, ...object }: Manifest): number {
  if (kind === SANDBOX_PODS.kind) return 1;
  return kind === DEPLOYMENTS.kind ? ((object as unknown as Deployment).spec.replicas ?? 1) : 0; // its kind says so
}
