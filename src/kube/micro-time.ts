/** A moment as `MicroTime` fields want it: exactly six digits of a second. */
export function toMicroTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
