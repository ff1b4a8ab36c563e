import type { Capability } from './list-capabilities.ts';

/** The kernel's table for people: a cure stands where something is missing. */
export function formatCapabilities(release: string, capabilities: readonly Capability[]): string {
  const rows = [
    ['NAME', 'PRESENT', 'NEEDED BY', 'CURE'],
    ...capabilities.map(({ name, isPresent, neededBy, cure }) => [
      name,
      isPresent ? 'yes' : 'no',
      neededBy,
      isPresent ? '' : cure,
    ]),
  ];
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  const lines = rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `kernel ${release}\n\n${lines.join('\n')}\n`;
}
