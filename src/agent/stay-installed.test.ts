import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog, systemClock } from '#base';
import { Registry } from '#health';
import type { EventSubject } from '#kube';
import { stayInstalled } from './stay-installed.ts';

const PROGRAM = Buffer.from('of Underlane: to be run by a container runtime');

test('stayInstalled() tells of a lost configuration in Events of the Node and in metrics', {
  timeout: 60_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-stay-'));
  const ending = new AbortController();
  const events: { readonly subject: EventSubject; readonly text: string }[] = [];
  const registry = new Registry();
  mkdirSync(join(dir, 'conf'));
  writeFileSync(join(dir, 'conf', '10-x.conf'), JSON.stringify({ cniVersion: '1.0.0', name: 'x', type: 'bridge' }));
  const own = join(dir, 'conf', '0-underlane.conflist');
  const { done } = stayInstalled({
    installation: {
      confDir: join(dir, 'conf'),
      binDir: join(dir, 'bin'),
      stateDir: join(dir, 'state'),
      program: PROGRAM,
    },
    nodeName: 'n1',
    events: {
      record: (subject, type, reason) => events.push({ subject, text: `${type} ${reason}` }),
      flush: async () => undefined,
      dropped: 0,
    },
    registry,
    clock: systemClock,
    log: silentLog,
    signal: ending.signal,
  });
  const isSeen = async (text: string): Promise<void> => {
    while (!events.some(event => event.text === text)) await systemClock.sleep(5);
  };
  const metricOf = async (name: string): Promise<number | undefined> =>
    (await registry.getSingleMetric(name)?.get())?.values[0]?.value;
  try {
    await isSeen('Normal CNIConfigInstalled');
    assert.equal(await metricOf('underlane_cni_config_installed'), 1);
    rmSync(own);
    await isSeen('Normal CNIConfigRestored');
    assert.ok(existsSync(own));
    assert.deepEqual(
      events.map(({ text }) => text),
      ['Normal CNIConfigInstalled', 'Warning CNIConfigLost', 'Normal CNIConfigRestored'],
    );
    assert.deepEqual(events[1]?.subject, { kind: 'Node', name: 'n1', uid: 'n1' });
    assert.equal(await metricOf('underlane_cni_config_lost_total'), 1);
    assert.equal(await metricOf('underlane_cni_config_installed'), 1);
  } finally {
    ending.abort();
    await done;
    rmSync(dir, { recursive: true });
  }
});
