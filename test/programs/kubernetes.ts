import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { runChild } from '../../scripts/test/run-child.ts';
import { cacheFolder, ensureCached } from './cache.ts';

/** kube-apiserver, kube-controller-manager, kube-scheduler, kube-proxy and kubelet, built from Debian 12's source package. */
const ARCHIVE = '../shared/kubernetes/kubernetes-1.20.2-linux-amd64.tar.zst';
const SHA256 = '6738d2b719130e3ef270eab49922af74ad62b98c798876f3ff72885806765f6b';

/**
 * The folder of Kubernetes' own programs: the one that KUBE_BIN_DIR names, else an archive beside the checkout, unpacked the first
 * time.
 * @throws an Error saying why this machine has none
 */
export async function ensureKubernetes(): Promise<string> {
  const given = process.env['KUBE_BIN_DIR'] ?? '';
  if (given !== '') {
    if (existsSync(join(given, 'kube-apiserver'))) return resolve(given);
    throw new Error(`KUBE_BIN_DIR=${given} has no kube-apiserver`);
  }
  if (process.arch !== 'x64')
    throw new Error(`no Kubernetes for ${process.arch}: KUBE_BIN_DIR names no folder with one`);
  if (!existsSync(ARCHIVE)) throw new Error(`no Kubernetes: KUBE_BIN_DIR is not set, and there is no ${ARCHIVE}`);
  return ensureCached(cacheFolder('kubernetes'), SHA256.slice(0, 12), async folder => {
    const sum = await hashOf(ARCHIVE);
    if (sum !== SHA256) throw new Error(`${ARCHIVE} has SHA-256 ${sum}, expected ${SHA256}`);
    await unpackArchive(ARCHIVE, join(folder, 'bin'));
    return join(folder, 'bin');
  });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Without the zstd program, which small machines lack; by way of a file, since tar stops reading before a stream's end. */
async function unpackArchive(path: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tar = `${folder}.tar`;
  await pipeline(createReadStream(path), createZstdDecompress(), createWriteStream(tar));
  const { problem, output } = await runChild({ command: ['tar', '-xf', tar, '-C', folder], timeoutMs: 120_000 });
  if (problem !== undefined) throw new Error(`cannot unpack ${path} (${output.trim() || problem})`);
}
