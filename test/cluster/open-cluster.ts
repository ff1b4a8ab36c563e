import { existsSync } from 'node:fs';
import { ETCD, ensureDebianProgram } from '../programs/debian-program.ts';
import { ensureKubernetes } from '../programs/kubernetes.ts';
import type { ControlPlane } from './control-plane.ts';
import { startControlPlane } from './control-plane.ts';

/** The programs of a control plane. */
export interface ClusterPrograms {
  /** Folder of the Kubernetes programs. */
  readonly kubernetes: string;
  readonly etcd: string;
}

/** Finds the programs, downloading what may be. @throws an Error saying which the machine cannot have */
export async function ensureClusterPrograms(onDownload: (mirror: string) => void = () => {}): Promise<ClusterPrograms> {
  const kubernetes = await ensureKubernetes();
  const installed = `/${ETCD.path}`;
  return { kubernetes, etcd: existsSync(installed) ? installed : await ensureDebianProgram(ETCD, onDownload) };
}

/** The cluster that KUBECONFIG_E2E names, which stays, else a control plane of this process' own. */
export async function openCluster(): Promise<Pick<ControlPlane, 'kubeconfigPath' | 'close'>> {
  const given = process.env['KUBECONFIG_E2E'] ?? '';
  if (given !== '') return { kubeconfigPath: given, close: async () => {} };
  return startControlPlane(await ensureClusterPrograms());
}
