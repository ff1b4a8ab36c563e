import {
  type KubeObject,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  type Resource,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from '#api';
import { isApiError, type KubeClient } from '#kube';
import { createRepeater } from '../repeater.ts';
import type { AnnounceDeps } from './announce-webhooks.ts';
import { CONFIGURATION_NAME, MADE_BY_LABEL, MADE_BY_US } from './webhook-configurations.ts';

const KINDS: readonly Resource[] = [VALIDATING_WEBHOOK_CONFIGURATIONS, MUTATING_WEBHOOK_CONFIGURATIONS];
const NAME = { name: CONFIGURATION_NAME };
/** A replica that was started with webhooks, and led before, may have written once more. */
const EVERY_MS = 600_000;

/**
 * Has API servers ask the webhooks no more, which nobody answers now: they would wait for each object, and under `Fail` refuse
 * it. Removes only what a controller of ours has made. For the replica that leads. Goes on until the signal aborts, then
 * rejects with its reason.
 */
export async function withdrawWebhooks({ client, clock, log }: AnnounceDeps, signal: AbortSignal): Promise<never> {
  /** What was said once is not said each time. */
  const said = new Set<string>();

  async function withdraw(resource: Resource, stopped: AbortSignal): Promise<void> {
    const found = await find(resource, stopped);
    if (found === undefined) return;
    const { labels = {}, uid, resourceVersion } = found.metadata;
    if (labels[MADE_BY_LABEL] !== MADE_BY_US) {
      return say(
        `${resource.kind} "${CONFIGURATION_NAME}" stays: it lacks the label ${MADE_BY_LABEL}=${MADE_BY_US} of those that this controller makes. If nobody answers it, run: kubectl delete ${resource.plural} ${CONFIGURATION_NAME}`,
      );
    }
    const seen = {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    await removeSeen(client, resource, seen, stopped);
    log.info({ kind: resource.kind, name: CONFIGURATION_NAME }, 'Webhooks are switched off: API servers ask no more');
  }

  async function find(resource: Resource, stopped: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return await client.get(resource, NAME, { signal: stopped });
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      if (!isApiError(error, 'Forbidden')) throw error;
      // Who may not look could not have made one either; an older role may have allowed it.
      say(
        `Cannot see whether a ${resource.kind} "${CONFIGURATION_NAME}" is left: ${error.message}. If there is one, run: kubectl delete ${resource.plural} ${CONFIGURATION_NAME}`,
      );
      return undefined;
    }
  }

  function say(sentence: string): void {
    if (said.has(sentence)) return;
    said.add(sentence);
    log.info({}, sentence);
  }

  const repeater = createRepeater({
    what: 'remove the webhook configurations',
    everyMs: EVERY_MS,
    clock,
    log,
    round: async stopped => {
      for (const resource of KINDS) await withdraw(resource, stopped);
    },
  });
  return repeater.run(signal);
}

/** Gone already is as good. @throws ApiError Conflict where somebody has changed it since */
async function removeSeen(
  client: KubeClient,
  resource: Resource,
  preconditions: { readonly uid?: string; readonly resourceVersion?: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.delete(resource, NAME, { preconditions, signal });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}
