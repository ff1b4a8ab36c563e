import { DevicesError } from './errors.ts';
import { type ContainerDevices, containerDevices, type PodDevices } from './pod-devices.ts';
import { forEachBytesField } from './wire-format.ts';

/**
 * kubelet's answer to `List`, the parts that matter here, which v1 and v1alpha1 have under the same numbers:
 *
 *     ListPodResourcesResponse  1: PodResources, repeated
 *     PodResources              1: name  2: namespace  3: ContainerResources, repeated
 *     ContainerResources        1: name  2: ContainerDevices, repeated
 *     ContainerDevices          1: resource_name  2: device_ids, repeated
 *
 * https://github.com/kubernetes/kubelet/tree/master/pkg/apis/podresources
 */

/**
 * The devices of one pod; undefined when kubelet does not know it. Everybody else's are passed over unread.
 * @throws DevicesError DEVICES_FORMAT
 */
export function findPodDevices(
  answer: Uint8Array,
  pod: { readonly namespace: string; readonly name: string },
): PodDevices | undefined {
  let found: PodDevices | undefined;
  forEachBytesField(answer, (number, bytes) => {
    if (number === 1) found ??= decodePod(bytes, pod);
  });
  return found;
}

function decodePod(
  message: Uint8Array,
  wanted: { readonly namespace: string; readonly name: string },
): PodDevices | undefined {
  let name = '';
  let namespace = '';
  const containers: Uint8Array[] = [];
  forEachBytesField(message, (number, bytes) => {
    if (number === 1) name = decodeText(bytes);
    else if (number === 2) namespace = decodeText(bytes);
    else if (number === 3) containers.push(bytes);
  });
  return name === wanted.name && namespace === wanted.namespace ? containers.map(decodeContainer) : undefined;
}

function decodeContainer(message: Uint8Array): ContainerDevices {
  const given: (readonly [string, readonly string[]])[] = [];
  forEachBytesField(message, (number, bytes) => {
    if (number === 2) given.push(decodeDevices(bytes));
  });
  return containerDevices(given);
}

function decodeDevices(message: Uint8Array): readonly [resource: string, ids: readonly string[]] {
  let resource = '';
  const ids: string[] = [];
  forEachBytesField(message, (number, bytes) => {
    if (number === 1) resource = decodeText(bytes);
    else if (number === 2) ids.push(decodeText(bytes));
  });
  return [resource, ids];
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new DevicesError('DEVICES_FORMAT', "Cannot read kubelet's answer: a text is not UTF-8", { cause: error });
  }
}
