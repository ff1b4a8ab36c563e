/** What only controllers need: loaded by them alone. */
export function loadElection(): Promise<typeof import('./elect.ts')> {
  return import('./elect.ts');
}
