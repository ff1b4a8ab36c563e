import type { SandboxRecord } from './state-dir.ts';

/** One line a sandbox, oldest first. */
export function formatSandboxes(sandboxes: readonly SandboxRecord[]): string {
  if (sandboxes.length === 0) return 'No sandbox is running\n';
  const rows = sandboxes.map(({ id, supervisor, startedAt, kubeconfig }) => [
    id,
    String(supervisor.pid),
    startedAt,
    kubeconfig,
  ]);
  const table = [['ID', 'PID', 'STARTED', 'KUBECONFIG'], ...rows];
  const widths = [0, 1, 2].map(column => Math.max(...table.map(row => row[column]?.length ?? 0)));
  return table
    .map(
      row =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
