import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../netns/testing.ts';
import { createSandboxMaker } from './pod-sandbox.ts';

const POD = { metadata: { namespace: 'default', name: 'p', uid: 'u' }, spec: {} };

test('createSandboxMaker() keeps a sandbox that it could not clear away until it can', skipUnlessRing2(), async () => {
  const confDir = mkdtempSync(join(tmpdir(), 'underlane-net-'));
  writeFileSync(join(confDir, '10-net.conf'), JSON.stringify({ cniVersion: '1.0.0', name: 'net', type: 'x' }));
  const calls: string[] = [];
  const failing = new Set(['add net']);
  const run = (what: string, netns: string): void => {
    calls.push(`${what} ${netns.replace(/.*\//, '')}`);
    if (failing.has(what)) throw new Error(`failed to ${what}`);
  };
  const maker = createSandboxMaker(
    {
      async add({ name }, { netns }) {
        run(`add ${name}`, netns);
        return { ips: [{ address: '10.0.0.2/24' }] };
      },
      async del({ name }, { netns }) {
        run(`del ${name}`, netns);
      },
    },
    confDir,
  );
  const namespaces = (): string[] => readdirSync('/run/netns');
  assert.deepEqual(namespaces(), []);

  await assert.rejects(maker.create(POD), { message: 'failed to add net' });
  assert.deepEqual(namespaces(), [], 'cleared away at once');

  failing.add('del net');
  await assert.rejects(maker.create(POD), { message: 'failed to add net' });
  const [left = ''] = namespaces();
  assert.deepEqual(namespaces(), [left]);
  await assert.rejects(maker.create(POD), { message: 'failed to del net' });
  assert.deepEqual(namespaces(), [left], 'no second one beside it');

  failing.clear();
  calls.length = 0;
  const sandbox = await maker.create(POD);
  const made = sandbox.netns.replace(/.*\//, '');
  assert.deepEqual(calls, [
    `del net ${left}`,
    `del cni-loopback ${left}`,
    `add cni-loopback ${made}`,
    `add net ${made}`,
  ]);
  assert.deepEqual(namespaces(), [made]);
  await maker.remove(POD, sandbox);

  failing.add('add net').add('del net');
  await assert.rejects(maker.create(POD));
  await assert.rejects(maker.sweep(POD), { message: 'failed to del net' });
  assert.equal(namespaces().length, 1);
  failing.clear();
  await maker.sweep(POD);
  await maker.sweep(POD);
  assert.deepEqual(namespaces(), []);
  rmSync(confDir, { recursive: true });
});
