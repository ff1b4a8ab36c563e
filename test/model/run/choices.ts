/**
 * Every decision that a run leaves open: which of several things comes next, what fails. Drawn at random and written down, so
 * that a run can be had again, and shortened by leaving parts of it out.
 */
export interface Choices {
  /** Begins a step: what is drawn from here on belongs to it. */
  nextStep(): void;
  /** One of 0 to `count` - 1. 0 is the plainest: it is what is drawn where nothing is written down. */
  draw(count: number): number;
  /** One of several, the plainest first, each as often as its weight says. */
  pick<T>(options: readonly (readonly [weight: number, value: T])[]): T;
  /** What was drawn, by steps. */
  readonly recorded: Recording;
}

export type Recording = readonly (readonly number[])[];

/** A source of numbers from 0 inclusive to 1 exclusive. */
export type Random = () => number;

/** Draws by `random`. */
export function randomChoices(random: Random): Choices {
  return createChoices(count => Math.floor(random() * count));
}

/** Draws what was drawn before, as far as it goes. */
export function repeatedChoices(recording: Recording): Choices {
  return createChoices((count, step, position) => (recording[step]?.[position] ?? 0) % count);
}

function createChoices(draw: (count: number, step: number, position: number) => number): Choices {
  const recorded: number[][] = [[]];
  const drawOne = (count: number): number => {
    const step = recorded.at(-1) ?? [];
    const value = count <= 1 ? 0 : draw(count, recorded.length - 1, step.length);
    step.push(value);
    return value;
  };
  return {
    nextStep: () => void recorded.push([]),
    draw: drawOne,
    pick(options) {
      let left = drawOne(options.reduce((sum, [weight]) => sum + weight, 0));
      for (const [weight, value] of options) {
        if (left < weight) return value;
        left -= weight;
      }
      throw new TypeError('nothing to pick from');
    },
    recorded,
  };
}

/** Numbers that depend on the seed alone (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
