import { Client, credentials, status } from '@grpc/grpc-js';
import { messageOf } from '#base';
import { DevicesError } from './errors.ts';

/** Both versions of the service; kubelets before 1.20 have only the second. */
const VERSIONS = ['v1', 'v1alpha1'] as const;
/** A node full of pods with many devices each stays far below. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface ListOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks kubelet on its pod-resources socket for the devices of all pods. To be imported when it is called, since gRPC comes
 * with it: most nodes have no devices to ask for.
 * @returns a ListPodResourcesResponse as it came
 * @throws DevicesError DEVICES_UNKNOWN when kubelet does not answer in time, or not with 16 MiB at most
 */
export async function listPodResources(socket: string, { timeoutMs, signal }: ListOptions): Promise<Uint8Array> {
  const deadline = Date.now() + timeoutMs;
  const client = new Client(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
    'grpc.enable_retries': 0,
    'grpc.enable_channelz': 0,
    // A socket has no way through a proxy.
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
  });
  const list = (version: string): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest<Uint8Array, Uint8Array>(
        `/${version}.PodResourcesLister/List`,
        request => Buffer.from(request),
        answer => answer,
        new Uint8Array(),
        { deadline },
        (error, answer) => {
          signal.removeEventListener('abort', cancel);
          if (error !== null) reject(error);
          else resolve(answer ?? new Uint8Array());
        },
      );
      const cancel = (): void => call.cancel();
      signal.addEventListener('abort', cancel, { once: true });
    });
  try {
    return await list(VERSIONS[0]).catch((error: unknown) => {
      if (!isUnimplemented(error)) throw error;
      return list(VERSIONS[1]);
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new DevicesError('DEVICES_UNKNOWN', `Cannot ask kubelet at "${socket}": ${messageOf(error)}`, {
      cause: error,
      retriable: true,
    });
  } finally {
    client.close();
  }
}

function isUnimplemented(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === status.UNIMPLEMENTED;
}
