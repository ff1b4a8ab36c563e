import type { World } from '../world.ts';

export type Step = (world: World) => void | Promise<void>;

/** A step, and how often it is taken beside others. */
export type Weighted = readonly [weight: number, step: Step];

/** Takes one of several, each as often as its weight says. */
export function take(steps: readonly Weighted[], world: World): void | Promise<void> {
  return world.choices.pick(steps)(world);
}

export function anyOf<T>(list: readonly T[], { choices }: World): T | undefined {
  return list[choices.draw(list.length)];
}
