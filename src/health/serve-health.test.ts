import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findFreePorts } from '../../test/cluster/daemon.ts';
import { type Health, serveHealth } from './serve-health.ts';
import { askHealth } from './testing.ts';

interface Served {
  readonly health: Health;
  get(path: string): Promise<readonly [number | undefined, string]>;
}

async function serve(t: TestContext): Promise<Served> {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-health-'));
  const socketPath = join(dir, 'health.sock');
  const health = await serveHealth([socketPath]);
  t.after(() => {
    health.close();
    rmSync(dir, { recursive: true });
  });
  return {
    health,
    get: async path => {
      const { status, body } = await askHealth(socketPath, path);
      return [status, body];
    },
  };
}

test('serveHealth() tells being there, having started and being ready apart', async t => {
  const { health, get } = await serve(t);
  health.checks.set('pods', () => undefined);
  const states = () => Promise.all(['/livez', '/healthz', '/readyz'].map(async path => (await get(path))[0]));
  assert.deepEqual(await states(), [200, 503, 503]);
  health.setStarted(true);
  assert.deepEqual(await states(), [200, 200, 200]);
  assert.deepEqual(await get('/readyz'), [200, 'ok\n']);
  health.checks.set('pods', () => 'nothing was listed yet');
  assert.deepEqual(await states(), [200, 200, 503]);
});

test('serveHealth() has a line for each check with ?verbose, and whenever one fails', async t => {
  const { health, get } = await serve(t);
  health.checks.set('pods', () => 'nothing was listed yet');
  health.checks.set('webhooks', () => undefined);
  health.setStarted(true);
  const failed =
    '[+]ping ok\n[+]started ok\n[-]pods failed: nothing was listed yet\n[+]webhooks ok\nreadyz check failed\n';
  assert.deepEqual(await get('/readyz'), [503, failed]);
  assert.deepEqual(await get('/readyz?verbose'), [503, failed]);
  assert.deepEqual(await get('/healthz?verbose=true'), [200, '[+]ping ok\n[+]started ok\nhealthz check passed\n']);
  assert.deepEqual(await get('/livez?verbose'), [200, '[+]ping ok\nlivez check passed\n']);
});

test('serveHealth() answers what it does not know, and goes on', async t => {
  const { get } = await serve(t);
  for (const path of ['/', '//', '//x?y', '/healthz/x', '/metricsx']) {
    const [status, text] = await get(path);
    assert.equal(status, 404, path);
    assert.match(text, /^Cannot find ".*": expected \/livez, \/healthz, \/readyz, \/metrics\n$/);
  }
  const [status, text] = await get('/metrics');
  assert.equal(status, 200);
  assert.match(text, /^underlane_process_cpu_user_seconds_total /m);
});

test('serveHealth() listens on every address at [::]:PORT', async t => {
  const [port = 0] = await findFreePorts(1);
  const health = await serveHealth([`[::]:${port}`]);
  t.after(() => health.close());
  assert.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200);
});
