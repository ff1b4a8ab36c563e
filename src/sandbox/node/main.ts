import { createLog, systemClock } from '#base';
import { createEventRecorder, createKubeClient, createWatchCache, loadKubeconfig } from '#kube';
import type { NodeProcessOptions } from '../inner/node-process.ts';
import { startResponder } from '../pod/responder.ts';
import { ENDPOINT_SLICES, SANDBOX_PODS, SERVICES } from '../resources.ts';
import { findShareDirs } from '../share.ts';
import { getNodeSpec, listFamilies, topology as whole } from '../topology.ts';
import { startAgent } from './agent-process.ts';
import { createCniRuntime } from './cni-runtime.ts';
import { startKubelet } from './kubelet.ts';
import { writeNodeFiles } from './node-files.ts';
import { registerNode } from './node-object.ts';
import { controlSocket, nodePaths } from './node-paths.ts';
import { writeNodeSysctls } from './node-sysctls.ts';
import { createSandboxMaker } from './pod-sandbox.ts';
import { startProxy } from './proxy.ts';

/**
 * Entry of a node: `sandbox-node OPTIONS`, started in the node's network namespace. Kubelet, proxy and agent, and a
 * responder for the node itself. Resolves when all of it runs; the process then lives until it is killed.
 */
export async function runNode([json = '{}']: readonly string[]): Promise<number> {
  const { stateDir, node: nodeName, families, clusterNetwork } = JSON.parse(json) as NodeProcessOptions; // from our own sandbox
  const topology = { ...whole, families };
  const node = getNodeSpec(nodeName);
  const paths = nodePaths(stateDir, nodeName);
  const log = createLog('warn', { node: nodeName });
  const { signal } = new AbortController();
  const { cniBin } = findShareDirs();
  await Promise.all([writeNodeFiles(topology, node, paths, clusterNetwork), writeNodeSysctls(topology)]);

  const config = await loadKubeconfig(paths.kubeconfig);
  const client = createKubeClient(config, { userAgent: 'sandbox-kubelet' });
  const shared = { client, signal, log };
  const pods = createWatchCache({
    ...shared,
    resource: SANDBOX_PODS,
    query: { fieldSelector: `spec.nodeName=${nodeName}` },
  });
  const services = createWatchCache({ ...shared, resource: SERVICES });
  const slices = createWatchCache({ ...shared, resource: ENDPOINT_SLICES });
  await Promise.all([
    startAgent({ nodeName, paths, cniBinDir: cniBin, log, signal }),
    startResponder({ hostname: nodeName, ports: [topology.nodePort], controlSocket: controlSocket(nodeName) }),
    pods.ready(),
    services.ready(),
    slices.ready(),
  ]);

  startProxy({ services, slices, topology, log, signal });
  const env = {
    PATH: process.env['PATH'] ?? '',
    UNDERLANE_SOCKET: paths.agentSocket,
    UNDERLANE_STATE_DIR: paths.agentStateDir,
  };
  const cni = createCniRuntime({ path: [cniBin], env, cacheDir: paths.cniCacheDir });
  startKubelet(pods, {
    client,
    events: createEventRecorder({ client, component: 'kubelet', node: nodeName, clock: systemClock, log, signal }),
    sandboxes: createSandboxMaker(cni, paths.runtimeConfDir),
    addresses: listFamilies(topology, node.address),
    nodeName,
    stateDir,
    socketDir: paths.socketDir,
    log,
  });
  await registerNode(client, topology, node);
  return 0;
}
