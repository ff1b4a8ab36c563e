import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeKubeconfig } from '../../src/sandbox/apiserver/mod.ts';
import type { Daemon } from './daemon.ts';
import { findFreePorts, startDaemon } from './daemon.ts';

/** etcd, kube-apiserver and as much of kube-controller-manager as asked for, on this machine. */
export interface ControlPlane {
  /** Of a user who may do everything. */
  readonly kubeconfigPath: string;
  readonly url: string;
  /** Of the etcd behind it, which asks nobody who he is. */
  readonly etcdUrl: string;
  /** Where the logs are: `etcd.log`, `kube-apiserver.log`, `kube-controller-manager.log`. Goes with `close`. */
  readonly folder: string;
  close(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Folder of the Kubernetes programs. */
  readonly kubernetes: string;
  readonly etcd: string;
  /** Where nodes reach the API server. @default 127.0.0.1, for tests without nodes */
  readonly address?: string;
  /** Of kube-controller-manager. @default those that every cluster needs to delete things: garbagecollector, namespace */
  readonly controllers?: readonly string[];
}

const START_TIMEOUT_MS = 60_000;

/**
 * Starts a control plane on free ports with a folder of its own, and waits until it answers.
 * @throws an Error with the end of the log of the program that does not start; nothing is left running then
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  // In namespaces of a test ring /run is memory, and goes with them.
  const parent = process.env['UNDERLANE_TEST_NS'] === '1' ? '/run' : tmpdir();
  const folder = await mkdtemp(join(parent, 'underlane-cluster-'));
  const daemons: Daemon[] = [];
  const close = async (): Promise<void> => {
    for (const daemon of daemons.toReversed()) await daemon.kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [client = 0, peer = 0, api = 0] = await findFreePorts(3);
    const run = (name: string, program: string, args: readonly string[]): Daemon => {
      const daemon = startDaemon(name, [program, ...args], join(folder, `${name}.log`));
      daemons.push(daemon);
      return daemon;
    };
    run('etcd', options.etcd, etcdFlags(folder, client, peer));
    const token = randomBytes(16).toString('hex');
    writeKeys(folder, token);
    const { address = '127.0.0.1', kubernetes } = options;
    const server = run('kube-apiserver', join(kubernetes, 'kube-apiserver'), apiFlags(folder, client, api, address));
    await server.untilReady(() => isReady(address, api, token), START_TIMEOUT_MS);
    const url = `https://${address}:${api}`;
    const kubeconfigPath = join(folder, 'kubeconfig');
    // The server has made itself a certificate, which is its own authority.
    writeKubeconfig({
      path: kubeconfigPath,
      server: url,
      caPem: readFileSync(join(folder, 'apiserver.crt'), 'utf8'),
      token,
    });
    const { controllers = ['garbagecollector', 'namespace'] } = options;
    if (controllers.length > 0)
      run('kube-controller-manager', join(kubernetes, 'kube-controller-manager'), [
        `--kubeconfig=${kubeconfigPath}`,
        `--controllers=${controllers.join(',')}`,
        `--service-account-private-key-file=${join(folder, 'sa.key')}`,
        '--leader-elect=false',
        '--port=0',
        '--secure-port=0',
      ]);
    return { kubeconfigPath, url, etcdUrl: `http://127.0.0.1:${client}`, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function etcdFlags(folder: string, client: number, peer: number): readonly string[] {
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
    // Nothing here outlives the test run: the disk need not hear of every write.
    '--unsafe-no-fsync',
  ];
}

function apiFlags(folder: string, etcd: number, port: number, address: string): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    `--cert-dir=${folder}`,
    `--secure-port=${port}`,
    `--bind-address=${address}`,
    // What Endpoints of the service "kubernetes" show; loopback addresses are refused there.
    `--advertise-address=${address === '127.0.0.1' ? '192.0.2.1' : address}`,
    `--service-account-key-file=${join(folder, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    // Pods of tests have no service account unless a controller makes one.
    '--disable-admission-plugins=ServiceAccount',
  ];
}

function writeKeys(folder: string, token: string): void {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  writeFileSync(join(folder, 'sa.pub'), publicKey);
  writeFileSync(join(folder, 'sa.key'), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
}

function isReady(address: string, port: number, token: string): Promise<boolean> {
  return new Promise(resolve => {
    const headers = { authorization: `Bearer ${token}` };
    // Its certificate is made by itself a moment before: there is nothing yet to check it against.
    const options = { host: address, port, path: '/readyz', headers, rejectUnauthorized: false, agent: false };
    https
      .get(options, response => {
        response.resume();
        resolve(response.statusCode === 200);
      })
      .on('error', () => resolve(false));
  });
}
