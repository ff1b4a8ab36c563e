import type { Recording } from './choices.ts';

/**
 * A shorter and plainer recording that still fails: without steps that it does not take, and with plainer choices in those
 * that it does.
 * @param limitMs what it may take
 */
export async function shrink(
  recording: Recording,
  fails: (recording: Recording) => Promise<boolean>,
  limitMs: number,
): Promise<Recording> {
  const end = performance.now() + limitMs;
  let best = recording;
  const accept = async (candidate: Recording): Promise<boolean> => {
    if (performance.now() > end || !(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let before = Number.POSITIVE_INFINITY; weightOf(best) < before && performance.now() < end; ) {
    before = weightOf(best);
    for (let size = best.length >> 1; size >= 1; size >>= 1) {
      // The first step makes the cluster.
      for (let at = best.length - size; at >= 1; ) {
        const isLess = await accept([...best.slice(0, at), ...best.slice(at + size)]);
        at -= isLess ? Math.min(size, at) : 1 + (size >> 1);
      }
    }
    for (const [at, step] of best.entries()) {
      for (const [position, value] of step.entries()) {
        for (const plainer of new Set([0, value >> 1, value - 1])) {
          if (plainer >= 0 && plainer < value && (await accept(withChoice(best, at, position, plainer)))) break;
        }
      }
    }
  }
  return best;
}

function weightOf(recording: Recording): number {
  return recording.length * 1_000_000 + recording.flat().reduce((sum, value) => sum + value, 0);
}

function withChoice(recording: Recording, at: number, position: number, value: number): Recording {
  return recording.map((step, index) =>
    index === at ? step.map((other, place) => (place === position ? value : other)) : step,
  );
}
