import { ApiError } from '#kube';
import type { SlowItem } from '../node/slow-things.ts';
import type { CallItem } from '../traffic/link.ts';
import type { World } from '../world.ts';
import { anyOf } from './possible.ts';

/** Lets everybody come to where they wait for something. Nothing here waits for the machine: one turn of the loop is enough. */
export function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

/** What can arrive now, whatever it is. */
function arrivals({ network, nodes }: World) {
  return [...network.items(), ...nodes.flatMap(({ slow }) => slow)];
}

/** One of the things that can arrive does, or is lost. @returns whether there is any */
export function progress(world: World): boolean {
  const item = anyOf(arrivals(world), world);
  if (item === undefined) return false;
  if (item.kind === 'slow') endSlow(item, world);
  else if (item.kind === 'stream' || item.isAnswered) item.arrive();
  else endCall(item, world);
  return true;
}

function endCall(item: CallItem, { choices }: World): void {
  choices.pick<(call: CallItem) => void>([
    [10, call => call.arrive()],
    [5, call => call.carryOut()],
    [2, call => call.lose(unreachable(call))],
    [2, loseAnswer],
    [1, call => call.lose(busy(call))],
  ])(item);
}

function loseAnswer(call: CallItem): void {
  call.carryOut();
  call.lose(unreachable(call));
}

function unreachable({ text }: CallItem): ApiError {
  return new ApiError('Unreachable', `Cannot ${text}: connection reset`);
}

function busy({ text }: CallItem): ApiError {
  return new ApiError('InternalError', `Cannot ${text}: etcdserver: request timed out`, { httpStatus: 500 });
}

function endSlow(item: SlowItem, { choices }: World): void {
  if (item.canFail && choices.draw(8) === 7) item.fail();
  else item.arrive();
}

/** Much arrives in order and without trouble. */
export function hurry(world: World): Promise<void> {
  return arriveInOrder(
    world,
    world.choices.pick([
      [1, 3],
      [1, 10],
      [1, 30],
    ]),
  );
}

/** @returns when nothing is left, or so many have arrived */
export async function arriveInOrder(world: World, limit = Number.POSITIVE_INFINITY): Promise<void> {
  for (let count = 0; count < limit; count++) {
    const [item] = arrivals(world);
    if (item === undefined) return;
    item.arrive();
    await turn();
  }
}
