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

/** Starts the API server for kubectl outside and for the nodes inside, and writes everybody's kubeconfig. Returns the path of the one for outside. */
export async function startApiServer({ topology, stateDir, listenerFd, port }: SandboxApiOptions): Promise<string> {
  const { lan, apiPort, nodes } = topology;
  const address = lan.address.IPv4;
  const token = randomBytes(24).toString('base64url');
  const tls = createSelfSignedCertificate(['127.0.0.1', 'localhost', address]);
  const server = createApiServer({ tokens: [token], tls, serviceCidrs: listFamilies(topology, topology.serviceCidr) });
  await Promise.all([server.listen({ fd: listenerFd }), server.listen({ host: address, port: apiPort })]);

  const outside = join(stateDir, 'kubeconfig');
  const inside = `https://${address}:${apiPort}`;
  const files = [
    { path: outside, server: `https://127.0.0.1:${port}` },
    ...nodes.map(({ name }) => ({ path: nodePaths(stateDir, name).kubeconfig, server: inside })),
  ];
  await Promise.all(
    files.map(async ({ path, server: url }) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      writeKubeconfig({ path, server: url, caPem: tls.certificate, token });
    }),
  );
  return outside;
}
