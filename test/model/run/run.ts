import { findBroken } from '../checks/find-broken.ts';
import { findLeft } from '../checks/find-left.ts';
import { comeToRest } from '../checks/rest.ts';
import { type Api, startApi } from '../cluster/api.ts';
import { turn } from '../steps/arrivals.ts';
import { step } from '../steps/step.ts';
import { createWorld } from '../world.ts';
import { type Choices, createRandom, type Recording, randomChoices, repeatedChoices } from './choices.ts';
import { createVirtualTime } from './virtual-time.ts';

export interface Outcome {
  /** What did not hold; undefined: everything did. */
  readonly problem: string | undefined;
  readonly recorded: Recording;
  readonly trace: readonly string[];
}

/** Runs one after another, each in a cluster of its own. */
export interface Runner {
  random(seed: number): Promise<Outcome>;
  repeat(recording: Recording, isTraced?: boolean): Promise<Outcome>;
}

const STEPS = 90;
const START = Date.parse('2026-01-01T00:00:00Z');

export function createRunner(): Runner {
  let now = START;
  const api: Api = startApi(() => now);

  async function run(choices: Choices, steps: number, isTraced: boolean): Promise<Outcome> {
    const trace: string[] = [];
    const time = createVirtualTime(START);
    using _order = sameRandomness();
    now = START;
    const world = createWorld(api, time, choices, text => void (isTraced && trace.push(text())));
    const problem = await (async () => {
      for (let count = 0; count < steps; count++) {
        choices.nextStep();
        await step(world);
        now = time.now;
        const broken = findBroken(world);
        if (broken !== undefined) return broken;
      }
      return (await comeToRest(world)) ?? findBroken(world) ?? findLeft(world);
    })().catch((error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)));
    world.close();
    api.clear();
    await turn();
    return { problem, recorded: choices.recorded, trace };
  }

  return {
    random: seed => run(randomChoices(createRandom(seed)), STEPS, false),
    repeat: (recording, isTraced = false) => run(repeatedChoices(recording), recording.length - 1, isTraced),
  };
}

/** The product's own randomness, which is in uids and pauses, is the same in every run. */
function sameRandomness(): Disposable {
  const { random } = Math;
  const { randomUUID } = crypto;
  let uids = 0;
  // Numbers are enough: nobody reads more out of a uid than that it is another one.
  const nextUid = (): ReturnType<typeof randomUUID> => `uid-${++uids}` as ReturnType<typeof randomUUID>;
  Math.random = createRandom(1);
  crypto.randomUUID = nextUid;
  return {
    [Symbol.dispose]() {
      Math.random = random;
      crypto.randomUUID = randomUUID;
    },
  };
}
