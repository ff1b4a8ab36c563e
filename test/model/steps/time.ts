import type { World } from '../world.ts';

/** Time passes: to the next thing that somebody waits for, or by a second, or a week. */
export function pass({ choices, time, network }: World): void {
  const { next = time.now } = time;
  const ms = choices.pick([
    [6, next - time.now],
    [2, 1_000],
    [2, 10_000],
    [2, 60_000],
    [1, 400_000],
    [1, 604_800_000],
  ]);
  time.moveTo(time.now + ms);
  network.expire();
}
