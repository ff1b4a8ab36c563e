/** A kubelet for tests: a pod-resources service that speaks gRPC on a socket, and its checkpoint file. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';

export interface PodResources {
  readonly name: string;
  readonly namespace: string;
  readonly containers: readonly ContainerResources[];
}

export interface ContainerResources {
  readonly name: string;
  readonly devices: readonly { readonly resource: string; readonly ids: readonly string[] }[];
}

/** Pods of namespace `default`, each with devices of one resource in its containers. */
export function podsWith(
  names: readonly string[],
  resource: string,
  idsOfContainers: readonly (readonly string[])[],
): readonly PodResources[] {
  const containers = idsOfContainers.map((ids, index) => ({ name: `c${index}`, devices: [{ resource, ids }] }));
  return names.map(name => ({ namespace: 'default', name, containers }));
}

/** A field of bytes, text or a nested message; a varint by its value. */
export type WireField =
  | { readonly number: number; readonly bytes: Uint8Array }
  | { readonly number: number; readonly value: bigint };

/** A message's bytes, as protocol buffers have them. */
export function encodeFields(fields: readonly WireField[]): Buffer {
  return Buffer.concat(
    fields.flatMap(field =>
      'bytes' in field
        ? [varint((BigInt(field.number) << 3n) | 2n), varint(BigInt(field.bytes.length)), field.bytes]
        : [varint(BigInt(field.number) << 3n), varint(field.value)],
    ),
  );
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

/** A ListPodResourcesResponse, with fields that nobody here reads as kubelet has them: CPUs, and what a device is near. */
export function encodePodResources(pods: readonly PodResources[]): Buffer {
  const text = (number: number, value: string) => ({ number, bytes: Buffer.from(value) });
  const nearNode0 = {
    number: 3,
    bytes: encodeFields([{ number: 1, bytes: encodeFields([{ number: 1, value: 0n }]) }]),
  };
  return encodeFields(
    pods.map(pod => ({
      number: 1,
      bytes: encodeFields([
        text(1, pod.name),
        text(2, pod.namespace),
        ...pod.containers.map(container => ({
          number: 3,
          bytes: encodeFields([
            text(1, container.name),
            ...container.devices.map(({ resource, ids }) => ({
              number: 2,
              bytes: encodeFields([text(1, resource), ...ids.map(id => text(2, id)), nearNode0]),
            })),
            { number: 3, value: 7n },
          ]),
        })),
      ]),
    })),
  );
}

export type KubeletVersion = 'v1' | 'v1alpha1';

/** What a test kubelet answers a `List` of one version: bytes, perhaps late, an error, or `never`. */
export type KubeletAnswer = Buffer | Promise<Buffer> | Error | 'never';

export interface TestKubelet extends AsyncDisposable {
  /** What `List` was asked for, in order. */
  readonly asked: readonly KubeletVersion[];
}

/** Where a kubelet of directory `dir` answers. */
export function podResourcesSocket(dir: string): string {
  return join(dir, 'pod-resources/kubelet.sock');
}

/** A kubelet of directory `dir` that has the given versions of the service. */
export async function startTestKubelet(
  dir: string,
  versions: Partial<Readonly<Record<KubeletVersion, () => KubeletAnswer>>>,
): Promise<TestKubelet> {
  const socket = podResourcesSocket(dir);
  mkdirSync(dirname(socket), { recursive: true });
  const asked: KubeletVersion[] = [];
  const server = new Server({ 'grpc.max_send_message_length': -1 });
  for (const version of ['v1', 'v1alpha1'] as const) {
    const answer = versions[version];
    if (answer === undefined) continue;
    const path = `/${version}.PodResourcesLister/List`;
    const list = (_call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void => {
      asked.push(version);
      const what = answer();
      if (what === 'never') return;
      if (what instanceof Error) reply(what);
      else if (what instanceof Promise) void what.then(bytes => reply(null, bytes), reply);
      else reply(null, what);
    };
    const same = (bytes: Buffer): Buffer => bytes;
    const bytesOnly = {
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    server.addService(
      { List: { path, requestStream: false, responseStream: false, originalName: 'list', ...bytesOnly } },
      { List: list },
    );
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), error => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  return {
    asked,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}
