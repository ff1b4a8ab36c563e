import { formatTable } from '../format-table.ts';
import type { AddressesReport, ServerFigures } from '../scenarios/addresses.ts';
import type { FillLevel } from './filling.ts';
import type { LargePool } from './large-pools.ts';
import type { Rate } from './rates.ts';

/** Tables of a server each, and one of large pools. */
export function formatAddresses({ servers, large }: AddressesReport): string {
  return [...servers.map(formatServer), formatLarge(large)].join('\n');
}

function formatServer({ server, rates, race, filling }: ServerFigures): string {
  const { agents, pods, distinct, seconds, failedShare, requestsEach } = race;
  return `${formatRates(server, rates)}

${pods} pods on ${agents} agents race for ${pods} addresses: ${distinct} given out in ${seconds.toFixed(2)} s, ${percentOf(failedShare)} of creates failed, ${requestsEach.toFixed(2)} requests an address

${formatFilling(filling)}
`;
}

/** Ratios are to bare creates by as many writers. */
function formatRates(server: string, rates: readonly Rate[]): string {
  const header = [server, '', 'writers', 'a second', 'p50 ms', 'p95 ms', 'x bare', 'requests each'];
  const rows = rates.map(({ what, writers, perSecond, p50, p95, requestsEach }) => {
    const bare = rates.find(rate => rate.writers === writers && rate.what === 'bare creates');
    return [
      what,
      '',
      String(writers),
      perSecond.toFixed(0),
      p50.toFixed(2),
      p95.toFixed(2),
      ((bare?.perSecond ?? Number.NaN) / perSecond).toFixed(2),
      requestsEach.toFixed(2),
    ];
  });
  return formatTable([header, ...rows]);
}

function formatFilling(levels: readonly FillLevel[]): string {
  const header = ['a pool of 1,000 fills up', '', 'from %', 'to %', 'failed creates', 'requests each', 'ms each'];
  const rows = levels.map(({ by, from, to, failedShare, requestsEach, msEach }) => [
    by === 'agents' ? '10 agents' : 'a controller',
    '',
    String(from),
    String(to),
    percentOf(failedShare),
    requestsEach.toFixed(2),
    msEach.toFixed(2),
  ]);
  return formatTable([header, ...rows]);
}

function formatLarge(pools: readonly LargePool[]): string {
  const header = ['large pools', 'in', 'by', 'claims', 'empty ms', 'full ms', 'ratio', 'empty MB', 'full MB'];
  const rows = pools.map(({ server, range, by, claims, empty, full, emptyMb, fullMb }) => [
    range,
    server,
    by,
    String(claims),
    empty.toFixed(2),
    full.toFixed(2),
    (full / empty).toFixed(2),
    emptyMb.toFixed(0),
    fullMb.toFixed(0),
  ]);
  return `${formatTable([header, ...rows])}\n`;
}

function percentOf(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
