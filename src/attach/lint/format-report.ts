import type { LintedAddresses } from './lint-network.ts';
import type { LintReport } from './report.ts';

/** A file's report as lines for people: what is wrong first, then where each network's addresses come from. */
export function formatReport(file: string, { findings, networks }: LintReport): string {
  const lines = [
    ...findings.map(({ line, severity, object, message }) => {
      return `${file}:${line}: ${severity === 'warning' ? 'warning: ' : ''}${object}: ${message}`;
    }),
    ...networks.flatMap(({ line, object, addresses }) =>
      addresses.flatMap(formatAddresses).map(text => `${file}:${line}: ${object}: ${text}`),
    ),
  ];
  return lines.map(line => `${line}\n`).join('');
}

function formatAddresses(addresses: LintedAddresses): readonly string[] {
  if (addresses.type === 'whereabouts') {
    return addresses.pools.map(({ name, range, usable, gateway }) => {
      const via = gateway === undefined ? '' : `, gateway ${gateway}`;
      return `scope "${addresses.scope}", pool ${name}: ${range}, ${usable} addresses${via}`;
    });
  }
  if ('scope' in addresses) {
    return [`scope "${addresses.scope}", ${addresses.type}: from the cluster's own pools`];
  }
  const list = addresses.ranges.length === 0 ? 'those that the pod asks for' : addresses.ranges.join(', ');
  if (addresses.type === 'host-local') return [`no scope, host-local: ${list}, unique on each node only`];
  return [`no scope, static: ${list}, not kept from a second pod`];
}
