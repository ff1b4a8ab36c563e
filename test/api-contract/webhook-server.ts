import { once } from 'node:events';
import { createServer } from 'node:https';
import { createSelfSignedCertificate } from '../../src/sandbox/apiserver/mod.ts';

/** What a webhook is asked, as far as the tests look at it. */
export interface AskedReview {
  readonly uid: string;
  readonly operation: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly dryRun?: boolean;
  readonly subResource?: string;
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly object: AskedObject | null;
  readonly oldObject: AskedObject | null;
}

interface AskedObject {
  readonly metadata: { readonly name: string; readonly uid?: string };
  readonly data?: Readonly<Record<string, string>>;
}

export interface GivenAnswer {
  readonly allowed: boolean;
  readonly status?: object;
  readonly warnings?: readonly string[];
  /** JSON patch operations. */
  readonly patch?: readonly object[];
}

/** An HTTPS server that answers one webhook, by what `answer` says at the time. */
export interface WebhookServer {
  readonly url: string;
  readonly port: number;
  /** PEM in base64, as configurations carry it. */
  readonly caBundle: string;
  /** All that was asked since `answer` was set. */
  readonly asked: readonly AskedReview[];
  /** What is answered from now on; undefined never answers. */
  answer(how: (review: AskedReview) => GivenAnswer | undefined): void;
  close(): Promise<void>;
}

export async function startWebhookServer(names: readonly string[] = ['127.0.0.1']): Promise<WebhookServer> {
  const { certificate, key } = createSelfSignedCertificate(names);
  let how: (review: AskedReview) => GivenAnswer | undefined = () => ({ allowed: true });
  let asked: AskedReview[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const { request: review } = JSON.parse(text) as { readonly request: AskedReview }; // what API servers send
      asked.push(review);
      const answer = how(review);
      if (answer === undefined) return;
      const { patch, ...rest } = answer;
      const patched =
        patch === undefined
          ? {}
          : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
      const body = {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid: review.uid, ...rest, ...patched },
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
  const { port } = address;
  return {
    url: `https://127.0.0.1:${port}/review`,
    port,
    caBundle: Buffer.from(certificate).toString('base64'),
    get asked() {
      return asked;
    },
    answer(next) {
      asked = [];
      how = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
