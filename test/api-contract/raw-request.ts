import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { Kubeconfig } from '#kube';

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  // The suite looks into answers of every shape; each assertion fails by itself where a field is not there.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
  /** Values of the `Warning` headers. */
  readonly warnings: readonly string[];
}

/** One HTTP request as written, without the client under test in between. */
export async function rawRequest(
  config: Kubeconfig,
  method: string,
  path: string,
  options: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<RawAnswer> {
  const url = new URL(config.server + path);
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const headers = {
    ...(config.token === undefined ? {} : { authorization: `Bearer ${config.token}` }),
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...options.headers,
  };
  const tls = {
    ca: config.ca,
    rejectUnauthorized: config.isTlsVerified,
    cert: config.clientCertificate,
    key: config.clientKey,
  };
  const call =
    url.protocol === 'https:'
      ? https.request(url, { method, headers, ...tls, agent: false })
      : http.request(url, { method, headers, agent: false });
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage]; // what Node emits with this event
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const contentType = response.headers['content-type'] ?? '';
  const isJson = contentType.includes('json') && bytes.at(0) === 0x7b && !bytes.includes('}\n{');
  return {
    status: response.statusCode ?? 0,
    contentType,
    body: isJson ? JSON.parse(bytes.toString('utf8')) : bytes,
    warnings: response.headersDistinct['warning'] ?? [],
  };
}
