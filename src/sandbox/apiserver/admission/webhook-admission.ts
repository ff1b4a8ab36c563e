import { messageOf } from '#base';
import type { ApiObject } from '../api-object.ts';
import type { JsonObject } from '../json.ts';
import { textAt } from '../json.ts';
import { jsonPatch } from '../json-patch.ts';
import type { ObjectStore } from '../object-store.ts';
import { storageOf } from '../served-resource.ts';
import { badRequest, StatusError } from '../status-error.ts';
import type { Admission } from './admission.ts';
import type { Attributes } from './attributes.ts';
import { callWebhook } from './call-webhook.ts';
import { findWebhooks } from './find-webhooks.ts';
import { denial, parseVerdict, reviewRequest, type Verdict } from './review.ts';
import { MUTATING, VALIDATING } from './webhook-resources.ts';

/**
 * Thrown where a request cannot go on before webhooks have answered. All handling of requests is at once and in memory, so what was
 * started is simply dropped, `decide` asks them, and the request is handled from the start again, with their answers at hand.
 */
export class Undecided extends Error {
  readonly decide: () => Promise<void>;

  constructor(decide: () => Promise<void>) {
    super('a webhook has to be asked first');
    this.decide = decide;
  }
}

export interface RequestAdmissionOptions {
  readonly isDryRun: boolean;
  /** Hears what webhooks have to say to the client. */
  readonly warn: (text: string) => void;
}

/** The admission of one request by the webhooks that the store registers: what it learns counts for this request alone. */
export function createWebhookAdmission(store: ObjectStore, options: RequestAdmissionOptions): Admission {
  const answers = new Map<string, Answer>();
  const remembered = new Map<string, string>();

  /** What was answered; throws `Undecided` for what nobody was asked yet. */
  function answerTo(plural: string, attributes: Attributes, ask: () => Promise<Answer>): Answer {
    const key = `${plural} ${keyOf(attributes)}`;
    const answer = answers.get(key);
    if (answer !== undefined) return answer;
    throw new Undecided(async () => {
      answers.set(key, await ask());
    });
  }

  async function ask(
    webhook: JsonObject,
    attributes: Attributes,
    object: ApiObject | undefined,
    mayPatch: boolean,
  ): Promise<Verdict> {
    const uid = crypto.randomUUID();
    const review = reviewRequest(attributes, object, uid, options.isDryRun);
    try {
      return parseVerdict(await callWebhook(store, webhook, review), uid, mayPatch);
    } catch (error) {
      if (textAt(webhook, 'failurePolicy') === 'Ignore') return IGNORED;
      const name = textAt(webhook, 'name');
      const why = `failed calling webhook "${name}": failed to call webhook: ${messageOf(error)}`;
      throw new StatusError(500, 'InternalError', `Internal error occurred: ${why}`);
    }
  }

  async function askOne(
    webhook: JsonObject,
    attributes: Attributes,
    object: ApiObject | undefined,
    mayPatch: boolean,
  ): Promise<readonly unknown[]> {
    if (options.isDryRun && !['None', 'NoneOnDryRun'].includes(textAt(webhook, 'sideEffects')))
      throw badRequest(`admission webhook "${textAt(webhook, 'name')}" does not support dry run`);
    const { isAllowed, warnings, patch, status } = await ask(webhook, attributes, object, mayPatch);
    for (const warning of warnings) options.warn(warning);
    if (!isAllowed) throw denial(textAt(webhook, 'name'), status);
    return patch;
  }

  /** One after the other: each sees what those before it did. */
  async function askMutating(attributes: Attributes, object: ApiObject | undefined): Promise<Answer> {
    const asked = new Set<JsonObject>();
    const patch: unknown[] = [];
    let current = object;
    for (;;) {
      const next = findWebhooks(store, MUTATING, attributes, current).find(item => !asked.has(item));
      if (next === undefined) return { patch };
      asked.add(next);
      const added = await askOne(next, attributes, current, object !== undefined);
      patch.push(...added);
      current = current === undefined ? undefined : patched(current, added);
    }
  }

  async function askValidating(attributes: Attributes, object: ApiObject | undefined): Promise<Answer> {
    const webhooks = findWebhooks(store, VALIDATING, attributes, object);
    await Promise.all(webhooks.map(webhook => askOne(webhook, attributes, object, false)));
    return { patch: [] };
  }

  return {
    change(attributes, object) {
      if (findWebhooks(store, MUTATING, attributes, object).length === 0) return object;
      const { patch } = answerTo(MUTATING, attributes, () => askMutating(attributes, object));
      return patched(object, patch);
    },
    check(attributes, object) {
      if (object === undefined && findWebhooks(store, MUTATING, attributes, undefined).length > 0)
        answerTo(MUTATING, attributes, () => askMutating(attributes, undefined));
      if (findWebhooks(store, VALIDATING, attributes, object).length > 0)
        answerTo(VALIDATING, attributes, () => askValidating(attributes, object));
    },
    remember(what, make) {
      const value = remembered.get(what) ?? make();
      remembered.set(what, value);
      return value;
    },
  };
}

interface Answer {
  readonly patch: readonly unknown[];
}

const IGNORED: Verdict = { isAllowed: true, warnings: [], patch: [], status: {} };

/** An answer is about one version of what was there; what another writer does meanwhile asks anew. */
function keyOf({ operation, resource, subresource = '', namespace = '', name, previous }: Attributes): string {
  const version = previous?.metadata.resourceVersion ?? '';
  return [operation, storageOf(resource), subresource, namespace, name, version].join(' ');
}

function patched(object: ApiObject, patch: readonly unknown[]): ApiObject {
  return patch.length === 0 ? object : (jsonPatch(object, patch) as ApiObject); // what is no object any more fails the checks that follow
}
