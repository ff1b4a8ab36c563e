import { PODS, type Pod } from '#api';
import { messageOf } from '#base';
import type { KubeClient } from '#kube';
import { formatNetworkStatus, NETWORK_STATUS_ANNOTATION, networkStatusEntries } from '#networks';
import { AttachError } from '../errors.ts';
import type { AttachmentRecord, PodRef } from '../journal/entry.ts';

/** The `network-status` text of a pod's attachments, the default one first. */
export function networkStatusOf(records: readonly AttachmentRecord[]): string {
  return formatNetworkStatus(
    records.flatMap((record, index) =>
      record.result === undefined || record.isAuxiliary === true
        ? []
        : networkStatusEntries({
            name: record.nad ?? record.network,
            result: record.result,
            isDefault: index === 0,
            ifname: record.ifname,
            ...(record.deviceInfo === undefined ? {} : { deviceInfo: record.deviceInfo }),
          }),
    ),
  );
}

/**
 * Writes the annotation: one merge patch of one key with the pod's uid in the body, so that nothing else of the status
 * can be lost and a pod of the same name made meanwhile is refused (409).
 * @throws AttachError STATUS_WRITE
 */
export async function writeNetworkStatus(
  client: KubeClient,
  pod: PodRef,
  text: string | null,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.mergePatch<Pod>(
      PODS,
      { namespace: pod.namespace, name: pod.name },
      { metadata: { uid: pod.uid, annotations: { [NETWORK_STATUS_ANNOTATION]: text } } },
      { signal, subresource: 'status' },
    );
  } catch (error) {
    throw new AttachError(
      'STATUS_WRITE',
      `Cannot write annotation "${NETWORK_STATUS_ANNOTATION}" of pod "${pod.namespace}/${pod.name}": ${messageOf(error)}`,
      { cause: error, retriable: true },
    );
  }
}
