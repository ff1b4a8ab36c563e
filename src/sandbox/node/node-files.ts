import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listFamilies, type NodeSpec, type Topology } from '../topology.ts';
import type { NodePaths } from './node-paths.ts';

/** Name of the network that a pod without annotations gets. */
const PRIMARY = 'primary';

/** Writes the node's CNI configuration: the runtime calls Underlane, and Underlane's default network is a plain bridge unless another one is named. */
export async function writeNodeFiles(
  topology: Topology,
  node: NodeSpec,
  paths: NodePaths,
  clusterNetwork = PRIMARY,
): Promise<void> {
  const dirs = [
    paths.runtimeConfDir,
    paths.networkConfDir,
    paths.agentStateDir,
    paths.cniCacheDir,
    paths.socketDir,
    dirname(paths.agentSocket),
  ];
  for (const dir of dirs) await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeJson(join(paths.runtimeConfDir, '00-underlane.conflist'), {
    cniVersion: '1.0.0',
    name: 'underlane',
    plugins: [{ type: 'underlane', clusterNetwork }],
  });
  await writeJson(join(paths.networkConfDir, '10-primary.conflist'), {
    cniVersion: '1.0.0',
    name: PRIMARY,
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isDefaultGateway: true,
        mtu: 1500,
        ipam: { type: 'host-local', ranges: listFamilies(topology, node.podCidr).map(subnet => [{ subnet }]) },
      },
    ],
  });
}

function writeJson(file: string, value: unknown): Promise<void> {
  return writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
