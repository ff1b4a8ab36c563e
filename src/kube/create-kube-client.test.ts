import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { PODS } from '#api';
import { createApiServer, createSelfSignedCertificate } from '../sandbox/apiserver/mod.ts';
import type { KubeClient } from './client.ts';
import { createKubeClient } from './create-kube-client.ts';
import { ApiError } from './errors.ts';

/** Runs against a server that answers as told: what no API server in its right mind does. */
async function withAnswers(listener: RequestListener, run: (client: KubeClient) => Promise<void>): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's address
  const client = createKubeClient({ server: `http://127.0.0.1:${port}`, isTlsVerified: true, namespace: 'default' });
  try {
    await run(client);
  } finally {
    client.close();
    server.closeAllConnections();
    server.close();
  }
}

function rejected(code: string, retriable: boolean, message: RegExp): (error: unknown) => boolean {
  return error => {
    assert.ok(error instanceof ApiError, String(error));
    assert.deepEqual([error.code, error.retriable], [code, retriable]);
    assert.match(error.message, message);
    return true;
  };
}

test('a call to a server that is not there is Unreachable, and names it', async () => {
  const client = createKubeClient({ server: 'http://127.0.0.1:1', isTlsVerified: true, namespace: 'default' });
  await assert.rejects(
    client.get(PODS, { name: 'p', namespace: 'n' }),
    rejected('Unreachable', true, /GET \/api\/v1\/namespaces\/n\/pods\/p at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/),
  );
});

test('a call that gets no answer, or half an answer, is Unreachable when its time is over', async () => {
  await withAnswers(
    () => undefined,
    client =>
      assert.rejects(
        client.get(PODS, { name: 'p' }, { timeoutMs: 30 }),
        rejected('Unreachable', true, /no answer for 30 ms/),
      ),
  );
  await withAnswers(
    (_request, response) => void response.writeHead(200).write('{"metadata":'),
    client =>
      assert.rejects(
        client.get(PODS, { name: 'p' }, { timeoutMs: 30 }),
        rejected('Unreachable', true, /no answer for 30 ms/),
      ),
  );
});

test('a call whose answer breaks off is Unreachable', async () => {
  await withAnswers(
    (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{', () => response.destroy());
    },
    client => assert.rejects(client.get(PODS, { name: 'p' }), rejected('Unreachable', true, /aborted/)),
  );
});

test('an aborted call rejects with the reason of its signal, before and while it runs', async () => {
  const reason = new Error('stop');
  await withAnswers(
    () => undefined,
    async client => {
      await assert.rejects(client.get(PODS, { name: 'p' }, { signal: AbortSignal.abort(reason) }), reason);
      const stop = new AbortController();
      const call = client.get(PODS, { name: 'p' }, { signal: stop.signal });
      setImmediate(() => stop.abort(reason));
      await assert.rejects(call, reason);
    },
  );
});

test('answers without a Status keep the reason of their HTTP status', async () => {
  const cases = [
    [401, 'Unauthorized', false],
    [404, 'NotFound', false],
    [429, 'TooManyRequests', true],
    [503, 'ServiceUnavailable', true],
    [502, 'Unknown', true],
  ] as const;
  for (const [status, code, retriable] of cases) {
    await withAnswers(
      (_request, response) => void response.writeHead(status, { 'retry-after': '3' }).end('<html>no'),
      client =>
        assert.rejects(client.get(PODS, { name: 'p', namespace: 'n' }), (error: unknown) => {
          assert.ok(error instanceof ApiError);
          assert.equal(error.retryAfterMs, 3000);
          return rejected(
            code,
            retriable,
            new RegExp(`Cannot get pods "n/p": HTTP status ${status}: "<html>no"`),
          )(error);
        }),
    );
  }
});

test('an answer that is not JSON is BadResponse, not success', async () => {
  await withAnswers(
    (_request, response) => void response.writeHead(200).end('<html>'),
    client => assert.rejects(client.list(PODS), rejected('BadResponse', false, /answer "<html>" must be JSON/)),
  );
});

test('a watch line that is no event fails the watch', async () => {
  await withAnswers(
    (_request, response) =>
      void response.writeHead(200).end('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\nnonsense\n'),
    async client => {
      const events = client.watch(PODS, { resourceVersion: '1' })[Symbol.asyncIterator]();
      assert.equal((await events.next()).done, false);
      await assert.rejects(events.next(), rejected('BadResponse', false, /line "nonsense" must be JSON/));
    },
  );
});

test('a watch event may arrive in pieces, cut inside a character', async () => {
  const bytes = Buffer.from(
    '{"type":"ADDED","object":{"metadata":{"name":"ä-ö"}}}\n{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}',
  );
  await withAnswers(
    (_request, response) => {
      const writeFrom = (index: number): void => {
        if (index === bytes.length) response.end();
        else response.write(bytes.subarray(index, index + 1), () => writeFrom(index + 1));
      };
      writeFrom(0);
    },
    async client => {
      const events = [];
      for await (const event of client.watch(PODS, { resourceVersion: '1' })) events.push(event);
      assert.deepEqual(events, [
        { type: 'ADDED', object: { metadata: { name: 'ä-ö' } } },
        { type: 'BOOKMARK', resourceVersion: '7' },
      ]);
    },
  );
});

test('a silent watch is given up', async () => {
  await withAnswers(
    (_request, response) => response.writeHead(200).flushHeaders(),
    async client => {
      let isOpen = false;
      const onOpen = (): void => {
        isOpen = true;
      };
      const events = client
        .watch(PODS, { resourceVersion: '1' }, { idleTimeoutMs: 30, onOpen })
        [Symbol.asyncIterator]();
      await assert.rejects(events.next(), rejected('Unreachable', true, /no answer for 30 ms/));
      assert.equal(isOpen, true);
    },
  );
});

test('a GET that meets a connection just being closed is sent again', async () => {
  let count = 0;
  await withAnswers(
    (request, response) => {
      count++;
      // The second request comes over the kept connection, which the server closes without an answer.
      if (count === 2) request.socket.resetAndDestroy();
      else response.writeHead(200).end('{"metadata":{"name":"p"}}');
    },
    async client => {
      await client.get(PODS, { name: 'p' });
      assert.equal((await client.get(PODS, { name: 'p' })).metadata.name, 'p');
      assert.equal(count, 3);
    },
  );
});

test('names cannot lead to another path', async () => {
  const seen: (string | undefined)[] = [];
  await withAnswers(
    (request, response) => {
      seen.push(request.url);
      response.writeHead(200).end('{}');
    },
    client => client.get(PODS, { namespace: 'a/../b', name: '../x?y#z' }).then(() => undefined),
  );
  assert.deepEqual(seen, ['/api/v1/namespaces/a%2F..%2Fb/pods/..%2Fx%3Fy%23z']);
});

test('TLS is verified against the given authority and name, and only that', async () => {
  const tls = createSelfSignedCertificate(['127.0.0.1', '::1', 'localhost']);
  const other = createSelfSignedCertificate(['127.0.0.1']);
  const server = createApiServer({ tls });
  const url = await server.listen({ port: 0 });
  const ask = async (ca: string | undefined, isTlsVerified = true, host = '127.0.0.1'): Promise<string> => {
    const client = createKubeClient({
      server: url.replace('127.0.0.1', host),
      isTlsVerified,
      namespace: 'default',
      ...(ca === undefined ? {} : { ca }),
    });
    try {
      return (await client.list(PODS)).resourceVersion === '' ? 'empty' : 'ok';
    } catch (error) {
      return error instanceof ApiError ? error.code : String(error);
    } finally {
      client.close();
    }
  };
  assert.equal(await ask(tls.certificate), 'ok');
  assert.equal(await ask(tls.certificate, true, 'localhost'), 'ok');
  assert.equal(await ask(other.certificate), 'Unreachable');
  assert.equal(await ask(undefined), 'Unreachable');
  assert.equal(await ask(undefined, false), 'ok');
  await server.close();
});
