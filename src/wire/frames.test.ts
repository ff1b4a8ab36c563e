import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from './errors.ts';
import type { FrameDecoder } from './frame-decoder.ts';
import { createReplyDecoder, decodeReply, encodeReply, REPLY_LIMIT } from './reply-frame.ts';
import {
  createRequestDecoder,
  decodeRequest,
  ENV_LIMIT,
  encodeRequest,
  NAME_LIMIT,
  STDIN_LIMIT,
} from './request-frame.ts';
import type { Vectors } from './vectors.ts';

// Written by us beside this file, in the shape that Vectors gives.
const vectors = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')) as Vectors;
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const envOf = (entries: readonly string[]): Record<string, string> =>
  Object.fromEntries(entries.map(entry => bytes(entry).toString('utf8').split(/=(.*)/s).slice(0, 2)));

for (const vector of vectors.requests) {
  test(`encodeRequest() and its decoder agree on ${vector.name}`, () => {
    const request = { plugin: vector.plugin, env: envOf(vector.env), stdin: new Uint8Array(bytes(vector.stdin)) };
    assert.deepEqual(encodeRequest(request), bytes(vector.frame));
    assert.deepEqual(decodeRequest(bytes(vector.frame)), request);
    assert.deepEqual(byteByByte(createRequestDecoder(), bytes(vector.frame)), request);
  });
}

for (const vector of vectors.replies) {
  test(`encodeReply() and its decoder agree on ${vector.name}`, () => {
    const reply = { exitCode: vector.exitCode, stdout: new Uint8Array(bytes(vector.stdout)) };
    assert.deepEqual(encodeReply(reply), bytes(vector.frame));
    assert.deepEqual(decodeReply(bytes(vector.frame)), reply);
    assert.deepEqual(byteByByte(createReplyDecoder(), bytes(vector.frame)), reply);
  });
}

for (const { name, frame, code } of vectors.badRequests) {
  test(`createRequestDecoder() refuses ${name}`, () => {
    assert.throws(() => decodeRequest(bytes(frame)), { code });
    assert.throws(() => byteByByte(createRequestDecoder(), bytes(frame)), { code });
  });
}

for (const { name, frame, code } of vectors.badReplies) {
  test(`createReplyDecoder() refuses ${name}`, () => {
    assert.throws(() => decodeReply(bytes(frame)), { code });
    assert.throws(() => byteByByte(createReplyDecoder(), bytes(frame)), { code });
  });
}

test('createRequestDecoder() gives the request for any cut into chunks', () => {
  const cuts = fc.array(fc.nat(3000), { maxLength: 8 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), cuts, (stdin, at) => {
      const request = { plugin: 'veth', env: { CNI_COMMAND: 'ADD', UNDERLANE_X: 'ü=\n' }, stdin };
      const frame = encodeRequest(request);
      const edges = [0, ...at.filter(cut => cut < frame.length).sort((a, b) => a - b), frame.length];
      const decoder = createRequestDecoder();
      const results = edges.slice(1).map((end, index) => decoder.push(frame.subarray(edges[index], end)));
      assert.deepEqual(
        results.filter(result => result !== undefined),
        [request],
      );
      decoder.end();
    }),
  );
});

test('createRequestDecoder() throws nothing but WireError, whatever arrives', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.string().map(text => bytes(`UL1 ${text}\n`)),
      ),
      frame => {
        try {
          decodeRequest(frame);
        } catch (error) {
          assert.ok(error instanceof WireError, String(error));
        }
      },
    ),
  );
});

test('encodeRequest() takes everything up to its limits and not a byte more', () => {
  const request = { plugin: 'a', env: {}, stdin: new Uint8Array(0) };
  const ok = {
    plugin: 'a'.repeat(NAME_LIMIT),
    env: { CNI_A: 'x'.repeat(ENV_LIMIT - 6) },
    stdin: new Uint8Array(STDIN_LIMIT),
  };
  assert.deepEqual(decodeRequest(encodeRequest(ok)), ok);
  const cases = [
    [{ plugin: 'a'.repeat(NAME_LIMIT + 1) }, 'WIRE_NAME_TOO_LONG'],
    [{ env: { CNI_A: 'x'.repeat(ENV_LIMIT - 5) } }, 'WIRE_ENV_TOO_LONG'],
    [{ stdin: new Uint8Array(STDIN_LIMIT + 1) }, 'WIRE_STDIN_TOO_LONG'],
    [{ plugin: '' }, 'WIRE_NAME'],
    [{ env: { PATH: 'x' } }, 'WIRE_ENV'],
    [{ env: { CNI_A: 'x\0CNI_B=y' } }, 'WIRE_ENV'],
  ] as const;
  for (const [changes, code] of cases) assert.throws(() => encodeRequest({ ...request, ...changes }), { code });
});

test('encodeReply() takes everything up to its limits and not a byte more', () => {
  assert.equal(
    decodeReply(encodeReply({ exitCode: 0, stdout: new Uint8Array(REPLY_LIMIT) })).stdout.length,
    REPLY_LIMIT,
  );
  assert.throws(() => encodeReply({ exitCode: 0, stdout: new Uint8Array(REPLY_LIMIT + 1) }), {
    code: 'WIRE_REPLY_TOO_LONG',
  });
  for (const exitCode of [-1, 256, 0.5])
    assert.throws(() => encodeReply({ exitCode, stdout: '' }), { code: 'WIRE_EXIT_CODE' });
  assert.deepEqual(Buffer.from(decodeReply(encodeReply({ exitCode: 0, stdout: 'ü' })).stdout).toString(), 'ü');
});

function byteByByte<T>(decoder: FrameDecoder<T>, frame: Uint8Array): T | undefined {
  let result: T | undefined;
  for (let index = 0; index < frame.length; index++) result = decoder.push(frame.subarray(index, index + 1)) ?? result;
  decoder.end();
  return result;
}
