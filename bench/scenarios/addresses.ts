import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchServer, startRealServer, startSandboxServer } from '../addresses/api-servers.ts';
import { type FillLevel, measureFilling } from '../addresses/filling.ts';
import { type LargePool, measureLargePools } from '../addresses/large-pools.ts';
import { measureRace, type Race } from '../addresses/race.ts';
import { measureRates, type Rate } from '../addresses/rates.ts';
import { startTakers } from '../addresses/takers.ts';
import type { ScenarioContext } from './scenario.ts';

export interface AddressesReport {
  readonly servers: readonly ServerFigures[];
  readonly large: readonly LargePool[];
}

export interface ServerFigures {
  readonly server: string;
  readonly rates: readonly Rate[];
  readonly race: Race;
  readonly filling: readonly FillLevel[];
}

/** How fast addresses are taken by agents that do not know of each other, and by a controller; how much of it is lost. */
export async function addresses({ workDir, cluster }: ScenarioContext): Promise<AddressesReport> {
  const servers: ServerFigures[] = [];
  const large: LargePool[] = [];
  const starts = [
    () => startSandboxServer(mkdtempSync(join(workDir, 'api-server-'))),
    ...(cluster === undefined ? [] : [() => startRealServer(cluster)]),
  ];
  for (const start of starts) {
    servers.push(await measureServer(start));
    large.push(...(await measureLargePools(start)));
  }
  if (cluster === undefined)
    process.stderr.write('Skipped: a real API server; the tests of ring 5 say what it takes\n');
  return { servers, large };
}

const AGENTS = 10;

async function measureServer(start: () => Promise<BenchServer>): Promise<ServerFigures> {
  await using server = await start();
  const say = (what: string): boolean => process.stderr.write(`${server.name}: ${what}\n`);
  await using agents = await startTakers(server.kubeconfig, AGENTS);
  say('rates');
  const rates = await measureRates(agents.all, server);
  say('1,000 pods race for 1,000 addresses');
  const race = await measureRace(agents.all, server);
  say('a pool fills up');
  const filling = await measureFilling(agents.all, server);
  return { server: server.name, rates, race, filling };
}
