import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAllocation } from '#api';
import { systemClock } from '#base';
import { Registry } from '#health';
import { claimOn } from '../api/testing.ts';
import { countNeighbours, countQuarantined } from './metrics.ts';

async function metricOf(registry: Registry, name: string): Promise<number | undefined> {
  return (await registry.getSingleMetric(name)?.get())?.values[0]?.value;
}

test('countNeighbours() counts conflicts and silent gateways apart', async () => {
  const registry = new Registry();
  const count = countNeighbours(registry);
  for (const finding of ['conflict', 'gateway silent', 'conflict'] as const) count(finding);
  assert.equal(await metricOf(registry, 'underlane_address_conflicts_total'), 2);
  assert.equal(await metricOf(registry, 'underlane_gateways_silent_total'), 1);
});

test('countQuarantined() counts what is in quarantine at the moment when somebody asks', async () => {
  const registry = new Registry();
  let now = 0;
  const kept = (until: number): IPAllocation =>
    claimOn('10.0.0.1/24', {
      policy: 'Quarantine',
      quarantine: { mac: '02:00:00:00:00:01', until: new Date(until).toISOString() },
    });
  const list = [kept(1_000), kept(2_000), claimOn('10.0.0.2/24')];
  countQuarantined(registry, { list: () => list }, { ...systemClock, now: () => now });
  assert.equal(await metricOf(registry, 'underlane_addresses_quarantined'), 2);
  now = 1_500;
  assert.equal(await metricOf(registry, 'underlane_addresses_quarantined'), 1);
});
