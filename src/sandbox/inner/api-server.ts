import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createApiServer, createSelfSignedCertificate, writeKubeconfig } from '../apiserver/mod.ts';
import { nodePaths } from '../node/node-paths.ts';
import { listFamilies, type Topology } from '../topology.ts';

export interface SandboxApiOptions {
  readonly topology: Topology;
  readonly stateDir: string;
  /** Inherited listener on the machine's loopback, and its port. */
  readonly listenerFd: number;
  readonly port: number;
}

export interface SandboxKubeconfigs {
  /** For kubectl on the machine. */
  readonly outside: string;
  /** For the cluster's own programs. Each node has one besides, so that nodes can be led elsewhere alone. */
  readonly inside: string;
}

/** Starts the API server for kubectl outside and for the nodes inside, and writes everybody's kubeconfig. */
export async function startApiServer({
  topology,
  stateDir,
  listenerFd,
  port,
}: SandboxApiOptions): Promise<SandboxKubeconfigs> {
  const { lan, apiPort, nodes } = topology;
  const address = lan.address.IPv4;
  const token = randomBytes(24).toString('base64url');
  const tls = createSelfSignedCertificate(['127.0.0.1', 'localhost', address]);
  const server = createApiServer({ tokens: [token], tls, serviceCidrs: listFamilies(topology, topology.serviceCidr) });
  await Promise.all([server.listen({ fd: listenerFd }), server.listen({ host: address, port: apiPort })]);

  const paths = { outside: join(stateDir, 'kubeconfig'), inside: join(stateDir, 'inside.kubeconfig') };
  const insiders = [paths.inside, ...nodes.map(({ name }) => nodePaths(stateDir, name).kubeconfig)];
  const files = [
    { path: paths.outside, server: `https://127.0.0.1:${port}` },
    ...insiders.map(path => ({ path, server: `https://${address}:${apiPort}` })),
  ];
  await Promise.all(
    files.map(async ({ path, server: url }) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      writeKubeconfig({ path, server: url, caPem: tls.certificate, token });
    }),
  );
  return paths;
}
