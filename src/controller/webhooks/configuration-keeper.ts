import {
  type KubeObject,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  type Resource,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
  type Webhook,
} from '#api';
import type { Clock, Log } from '#base';
import { createWatchCache, isApiError, type KubeClient, type WatchCache } from '#kube';
import { createRepeater } from '../repeater.ts';
import { CONFIGURATION_NAME, type WebhookConfigurations } from './webhook-configurations.ts';

export interface ConfigurationKeeperOptions {
  readonly client: KubeClient;
  /** What is to be there; undefined while it is not known yet: then nothing is written. */
  readonly wanted: () => WebhookConfigurations | undefined;
  /** Calls the listener whenever something else may be wanted. */
  readonly subscribe: (listener: () => void) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A configuration of one of the two kinds. */
interface Configuration extends KubeObject {
  readonly webhooks?: readonly Webhook[];
}

/** Whatever happens is told by the watches. */
const EVERY_MS = 3_600_000;

/** Keeps both configurations as they are wanted, until the signal aborts; then it rejects with its reason. */
export async function keepConfigurations(options: ConfigurationKeeperOptions, signal: AbortSignal): Promise<never> {
  const { client, clock, log, subscribe, wanted } = options;
  const query = { fieldSelector: `metadata.name=${CONFIGURATION_NAME}` };
  const follow = (resource: Resource<Configuration>): Side => {
    return { resource, cache: createWatchCache({ client, resource, query, signal, log, clock }) };
  };
  const validating = follow(VALIDATING_WEBHOOK_CONFIGURATIONS);
  const mutating = follow(MUTATING_WEBHOOK_CONFIGURATIONS);
  const repeater = createRepeater({
    what: 'keep the webhook configurations',
    everyMs: EVERY_MS,
    clock,
    log,
    async round(stopped) {
      const now = wanted();
      if (now === undefined) return;
      await settle(client, validating, now.validating, stopped);
      await settle(client, mutating, now.mutating, stopped);
    },
  });
  validating.cache.subscribe(repeater.wake);
  mutating.cache.subscribe(repeater.wake);
  subscribe(repeater.wake);
  return repeater.run(signal);
}

interface Side {
  readonly resource: Resource<Configuration>;
  readonly cache: WatchCache<Configuration>;
  /** What was written last, and which version the server made of it: it adds defaults, and an old one drops what it does not know. */
  written?: { readonly text: string; readonly version: string | undefined };
}

async function settle(client: KubeClient, side: Side, wanted: Configuration, signal: AbortSignal): Promise<void> {
  const { resource, cache, written } = side;
  await cache.ready(signal);
  const text = JSON.stringify(wanted);
  const there = cache.find({ name: CONFIGURATION_NAME });
  if (there !== undefined && written?.text === text && written.version === there.metadata.resourceVersion) return;
  const { metadata } = await write(client, resource, wanted, there, signal);
  side.written = { text, version: metadata.resourceVersion };
}

/** What is there already is only replaced in what it asks, and marked as ours. */
async function write(
  client: KubeClient,
  resource: Resource<Configuration>,
  wanted: Configuration,
  there: Configuration | undefined,
  signal: AbortSignal,
): Promise<Configuration> {
  if (there === undefined) {
    try {
      return await client.create(resource, wanted, { signal });
    } catch (error) {
      // The watch has not told of it yet.
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }
  const { metadata, webhooks = [] } = wanted;
  const patch = { metadata: { labels: metadata.labels }, webhooks };
  return client.mergePatch(resource, { name: CONFIGURATION_NAME }, patch, { signal });
}
