import https from 'node:https';
import { messageOf } from '#base';
import type { JsonObject } from '../json.ts';
import { isJsonObject, listAt, objectOr, textAt, valueAt } from '../json.ts';
import type { ObjectStore } from '../object-store.ts';

/** As on the real server: more than any sensible answer. */
const ANSWER_LIMIT_BYTES = 3 * 1024 * 1024;

interface WebhookPlace {
  readonly url: URL;
  /** Name to expect in the certificate, where it is not the URL's own host. */
  readonly servername?: string;
}

/**
 * Asks a webhook. Resolves with its answer, whatever that is.
 * @throws an Error in the real server's words, for connections and answers that fail and for time that is up
 */
export async function callWebhook(store: ObjectStore, webhook: JsonObject, review: JsonObject): Promise<unknown> {
  const seconds = Number(valueAt(webhook, 'timeoutSeconds') ?? 10);
  const { url, ...expected } = placeOf(store, objectOr(webhook['clientConfig']));
  url.searchParams.set('timeout', `${seconds}s`);
  const ca = Buffer.from(textAt(webhook, 'clientConfig.caBundle'), 'base64').toString('utf8');
  const signal = AbortSignal.timeout(seconds * 1000);
  try {
    const { status, text } = await post(url, JSON.stringify(review), {
      ...expected,
      signal,
      ...(ca === '' ? {} : { ca }),
    });
    if (status !== 200) throw new Error(wordsFor(status, text));
    return JSON.parse(text);
  } catch (error) {
    const why = signal.aborted ? 'context deadline exceeded' : messageOf(error);
    throw new Error(`Post "${url.href}": ${why}`, { cause: error });
  }
}

function wordsFor(status: number, text: string): string {
  if (status === 404) return 'the server could not find the requested resource';
  if (status >= 500)
    return `an error on the server (${JSON.stringify(text.trim())}) has prevented the request from succeeding`;
  return `the server responded with the status code ${status} but did not return more information`;
}

function post(
  url: URL,
  body: string,
  tls: { readonly servername?: string; readonly signal: AbortSignal; readonly ca?: string },
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const call = https.request(url, { method: 'POST', headers, agent: false, ...tls }, response => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > ANSWER_LIMIT_BYTES) call.destroy(new Error(`the answer is longer than ${ANSWER_LIMIT_BYTES} bytes`));
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** A Service stands for the first of its ready endpoints: its own address leads nowhere from here, where no proxy is. */
function placeOf(store: ObjectStore, config: JsonObject): WebhookPlace {
  const service = config['service'];
  if (!isJsonObject(service)) return { url: new URL(textAt(config, 'url')) };
  const [namespace, name, wanted] = ['namespace', 'name', 'port'].map(field => textAt(service, field));
  const object = store.find('/services', namespace, name ?? '');
  const port = listAt(object, 'spec.ports').find(item => textAt(item, 'port') === wanted);
  const [subset] = listAt(store.find('/endpoints', namespace, name ?? ''), 'subsets').filter(
    item => listAt(item, 'addresses').length > 0,
  );
  const endpoint = listAt(subset, 'ports').find(item => textAt(item, 'name') === textAt(port, 'name'));
  const address = textAt(subset, 'addresses[0].ip');
  if (port === undefined || endpoint === undefined) throw new Error(`no endpoints available for service "${name}"`);
  const host = address.includes(':') ? `[${address}]` : address;
  const url = new URL(textAt(service, 'path') || '/', `https://${host}:${textAt(endpoint, 'port')}`);
  return { url, servername: `${name}.${namespace}.svc` };
}
