import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, messageOf } from '#base';
import { parseCheckpoint } from './checkpoint.ts';
import { DevicesError } from './errors.ts';
import type { PodDevices } from './pod-devices.ts';
import { findPodDevices } from './pod-resources-message.ts';

/** What kubelet answers within on an idle node is milliseconds; this is what Multus waits. */
const TIMEOUT_MS = 10_000;
/** As for an answer: no node's file comes near. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** kubelet's own directory, unless it is told otherwise. */
export const KUBELET_DIR = '/var/lib/kubelet';

export interface DevicePod {
  readonly namespace: string;
  readonly name: string;
  /** Those that the pod may be known by: a static pod's differs from that of its mirror. */
  readonly uids: ReadonlySet<string>;
}

export interface KubeletDevices {
  /**
   * What device plugins gave to a pod: kubelet is asked, and its checkpoint file read where it cannot be. Empty when
   * neither knows the pod.
   * @throws DevicesError DEVICES_UNKNOWN, DEVICES_FORMAT
   */
  ofPod(pod: DevicePod, signal: AbortSignal): Promise<PodDevices>;
}

/** @param dir kubelet's own */
export function createKubeletDevices(
  dir: string,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): KubeletDevices {
  const socket = join(dir, 'pod-resources/kubelet.sock');
  const checkpoint = join(dir, 'device-plugins/kubelet_internal_checkpoint');

  async function ask(pod: DevicePod, signal: AbortSignal): Promise<PodDevices> {
    const { listPodResources } = await import('./list-pod-resources.ts');
    signal.throwIfAborted();
    return findPodDevices(await listPodResources(socket, { timeoutMs, signal }), pod) ?? [];
  }

  async function look(pod: DevicePod): Promise<PodDevices> {
    return parseCheckpoint(await readBounded(checkpoint), pod.uids, checkpoint) ?? [];
  }

  return {
    async ofPod(pod, signal) {
      const unasked = (await isThere(socket)) ? undefined : `"${socket}" is missing`;
      let why = unasked;
      if (why === undefined) {
        try {
          return await ask(pod, signal);
        } catch (error) {
          signal.throwIfAborted();
          why = messageOf(error);
        }
      }
      try {
        return await look(pod);
      } catch (error) {
        throw new DevicesError(
          'DEVICES_UNKNOWN',
          `Cannot tell the devices of pod "${pod.namespace}/${pod.name}": ${why}; ${messageOf(error)}`,
          { cause: error, retriable: true },
        );
      }
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function readBounded(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > MAX_FILE_BYTES) {
    throw new DevicesError(
      'DEVICES_FORMAT',
      `Cannot read "${path}": it has ${size} bytes, expected at most ${MAX_FILE_BYTES}`,
    );
  }
  return readFile(path, 'utf8');
}
