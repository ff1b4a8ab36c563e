import { NODES } from '#api';
import { createLog, type LogLevel, steadyClock, systemClock } from '#base';
import { createChecks, Registry } from '#health';
import { createKubeClient, loadKubeconfig } from '#kube';
import { openDeps } from '../open-deps.ts';
import { migrate } from './migrate.ts';
import type { MigrationReport } from './migration-report.ts';
import type { PeerName } from './peer.ts';
import { KUBE_OVN } from './peers/kube-ovn.ts';
import { SPIDERPOOL } from './peers/spiderpool.ts';
import { WHEREABOUTS } from './peers/whereabouts.ts';

/** What `underlane migrate` is started with. */
export interface MigrationOptions {
  readonly from: PeerName;
  /** undefined: as a pod, by its service account. */
  readonly kubeconfig?: string;
  /** Where the agents' Leases are. */
  readonly namespace?: string;
  readonly clusterNetwork?: string;
  readonly multusNamespace?: string;
  readonly isDryRun: boolean;
  readonly isForced: boolean;
  readonly logLevel: LogLevel;
}

const PEERS = { spiderpool: SPIDERPOOL, whereabouts: WHEREABOUTS, 'kube-ovn': KUBE_OVN };

/** Imports another allocator's addresses once. @throws KubeconfigError, ApiError */
export async function runMigration(options: MigrationOptions): Promise<MigrationReport> {
  const { from, isDryRun, isForced, ...rest } = options;
  const client = createKubeClient(await loadKubeconfig(options.kubeconfig), { userAgent: 'underlane-migrate' });
  const ending = new AbortController();
  const { signal } = ending;
  try {
    // Whoever asks is waiting: what cannot be reached is an error, not something to wait for.
    await client.list(NODES, { limit: 1, metadataOnly: true });
    const log = createLog(options.logLevel);
    const deps = openDeps({
      client,
      options: rest,
      registry: new Registry(),
      checks: createChecks(),
      clock: systemClock,
      steady: steadyClock,
      log,
      signal,
    });
    return await migrate({ peer: PEERS[from], isDryRun, isForced }, deps, signal);
  } finally {
    ending.abort();
    client.close();
  }
}
