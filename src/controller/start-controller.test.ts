import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LEASES } from '#api';
import { silentLog } from '#base';
import { createKubeClient, type KubeClient } from '#kube';
import { eventually } from '../../test/controller/scene.ts';
import { askHealth } from '../health/testing.ts';
import { createApiServer, writeKubeconfig } from '../sandbox/apiserver/mod.ts';
import type { Loop } from './loop.ts';
import { startController } from './start-controller.ts';
import { WEBHOOK_LOOPS } from './webhooks/webhook-loops.ts';

async function withKubeconfig(run: (kubeconfig: string, client: KubeClient) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-controller-'));
  const server = createApiServer({});
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const kubeconfig = join(dir, 'kubeconfig');
  writeKubeconfig({ path: kubeconfig, server: url });
  const client = createKubeClient({ server: url, isTlsVerified: true, namespace: 'default' });
  try {
    await run(kubeconfig, client);
  } finally {
    client.close();
    await server.close();
    rmSync(dir, { recursive: true });
  }
}

/** A loop that notes where it starts and ends. */
function createProbe(name: string, runsOn: Loop['runsOn']) {
  const running = new Set<string>();
  let changed = Promise.withResolvers<void>();
  const note = (): void => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const loop = (replica: string): Loop => ({
    name,
    runsOn,
    async start(_deps, signal) {
      running.add(replica);
      note();
      await new Promise(resolve => signal.addEventListener('abort', resolve));
      running.delete(replica);
      note();
    },
  });
  return {
    loop,
    async until(expected: readonly string[]) {
      while ([...running].sort().join() !== expected.join()) await changed.promise;
    },
  };
}

test('startController() runs loops for the leader on one replica, others on all, and hands over', async () => {
  await withKubeconfig(async (kubeconfig, client) => {
    const leading = createProbe('a', 'leader');
    const everywhere = createProbe('b', 'every');
    const start = (identity: string) =>
      startController({ kubeconfig, identity, logLevel: 'silent', leaseSeconds: 2 }, silentLog, [
        leading.loop(identity),
        everywhere.loop(identity),
      ]);
    const first = await start('r1');
    await leading.until(['r1']);
    const second = await start('r2');
    await everywhere.until(['r1', 'r2']);
    await leading.until(['r1']);
    const lease = await client.get(LEASES, { namespace: 'kube-system', name: 'underlane-controller' });
    assert.equal(lease.spec?.holderIdentity, 'r1');
    await first.stop();
    await leading.until(['r2']);
    await everywhere.until(['r2']);
    await second.stop();
    await leading.until([]);
  });
});

test('startController() starts a loop again that fails, and leaves the others alone', async () => {
  await withKubeconfig(async kubeconfig => {
    let starts = 0;
    const signals: AbortSignal[] = [];
    const again = Promise.withResolvers<void>();
    const failing: Loop = {
      name: 'failing',
      runsOn: 'every',
      async start(_deps, signal) {
        signals.push(signal);
        starts++;
        if (starts === 3) again.resolve();
        throw new Error('no');
      },
    };
    const other = createProbe('other', 'every');
    const controller = await startController({ kubeconfig, logLevel: 'silent' }, silentLog, [
      failing,
      other.loop('r1'),
    ]);
    await again.promise;
    await other.until(['r1']);
    // What they have opened does not pile up.
    assert.deepEqual(
      signals.slice(0, 2).map(({ aborted }) => aborted),
      [true, true],
    );
    await controller.stop();
  });
});

test('startController() is ready when it follows the cluster and answers webhooks, and says what is missing', async () => {
  await withKubeconfig(async kubeconfig => {
    const dir = mkdtempSync(join(tmpdir(), 'underlane-ready-'));
    const healthAddress = join(dir, 'health.sock');
    const webhooks = { host: '127.0.0.1', port: 0, place: { url: 'https://127.0.0.1:1' } };
    const options = { kubeconfig, healthAddress, webhooks, logLevel: 'silent' } as const;
    const without = await startController(options, silentLog, []);
    const readyz = async (): Promise<string> => (await askHealth(healthAddress, '/readyz?verbose')).body;
    const followed = ['leases', 'nodes', 'pods'];
    await eventually('the caches', async () => {
      const body = await readyz();
      return followed.every(name => body.includes(`[+]${name} ok\n`));
    });
    // Of CRDs there are none yet.
    assert.match(await readyz(), /^\[-\]ipallocations failed: .+\nreadyz check failed$/ms);
    await without.stop();
    const controller = await startController(options, silentLog, WEBHOOK_LOOPS);
    await eventually('the webhooks', async () => (await readyz()).includes('[+]webhooks ok\n'));
    await controller.stop();
    rmSync(dir, { recursive: true });
  });
});
