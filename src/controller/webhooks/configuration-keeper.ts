import {
  type KubeObject,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  type Resource,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
  type Webhook,
} from '#api';
import type { Clock, Log } from '#base';
import { createWatchCache, isApiError, type KubeClient, type WatchCache } from '#kube';
import { createRepeater } from './repeater.ts';
import { CONFIGURATION_NAME, type WebhookConfigurations } from './webhook-configurations.ts';

/** Tells API servers where the webhooks are. */
export interface ConfigurationKeeper {
  /** What is to be there from now on. */
  set(configurations: WebhookConfigurations): void;
  /** Keeps it there until the signal aborts, then rejects with its reason. For the leader. */
  run(signal: AbortSignal): Promise<never>;
}

export interface ConfigurationKeeperOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** A configuration of one of the two kinds. */
interface Configuration extends KubeObject {
  readonly webhooks?: readonly Webhook[];
}

/** Whatever happens is told by the watches. */
const EVERY_MS = 3_600_000;

/** Nothing is written before there is something to write. */
export function createConfigurationKeeper({ client, clock, log }: ConfigurationKeeperOptions): ConfigurationKeeper {
  let wanted: WebhookConfigurations | undefined;
  let wake = (): void => {};

  return {
    set(configurations) {
      wanted = configurations;
      wake();
    },
    async run(signal) {
      const query = { fieldSelector: `metadata.name=${CONFIGURATION_NAME}` };
      const follow = (resource: Resource<Configuration>): Side => {
        return {
          resource,
          cache: createWatchCache({ client, resource, query, signal, log, clock }),
          written: new Map(),
        };
      };
      const [validating, mutating] = [VALIDATING_WEBHOOK_CONFIGURATIONS, MUTATING_WEBHOOK_CONFIGURATIONS].map(follow);
      const repeater = createRepeater({
        what: 'keep the webhook configurations',
        everyMs: EVERY_MS,
        clock,
        log,
        async round(stopped) {
          if (wanted === undefined) return;
          if (validating !== undefined) await settle(client, validating, wanted.validating, stopped);
          if (mutating !== undefined) await settle(client, mutating, wanted.mutating, stopped);
        },
      });
      wake = repeater.wake;
      validating?.cache.subscribe(repeater.wake);
      mutating?.cache.subscribe(repeater.wake);
      return repeater.run(signal);
    },
  };
}

interface Side {
  readonly resource: Resource<Configuration>;
  readonly cache: WatchCache<Configuration>;
  /** Which version the server made of what was last written: it adds defaults, and an old one drops what it does not know. */
  readonly written: Map<string, string>;
}

async function settle(
  client: KubeClient,
  { resource, cache, written }: Side,
  wanted: Configuration,
  signal: AbortSignal,
): Promise<void> {
  await cache.ready(signal);
  const text = JSON.stringify(wanted);
  const there = cache.find({ name: CONFIGURATION_NAME });
  if (there !== undefined && written.get(text) === there.metadata.resourceVersion) return;
  const answer = await write(client, resource, wanted, there, signal);
  written.clear();
  written.set(text, answer.metadata.resourceVersion ?? '');
}

/** What is there already is only replaced in what it asks. */
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
  return client.mergePatch(resource, { name: CONFIGURATION_NAME }, { webhooks: wanted.webhooks ?? [] }, { signal });
}
