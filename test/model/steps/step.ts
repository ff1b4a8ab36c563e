import type { World } from '../world.ts';
import { hurry, progress, turn } from './arrivals.ts';
import { ipamClaimSteps } from './ipam-claims.ts';
import { networkSteps } from './networks.ts';
import { podSteps } from './pods.ts';
import { take, type Weighted } from './possible.ts';
import { sandboxSteps } from './sandboxes.ts';
import { statefulSetSteps } from './stateful-sets.ts';
import { strangerSteps } from './strangers.ts';
import { tamper } from './tamper.ts';
import { pass } from './time.ts';
import { trouble } from './trouble.ts';
import { virtualMachineSteps } from './virtual-machines.ts';

const STEPS: readonly Weighted[] = [
  [14, world => progress(world) || act(world)],
  [10, hurry],
  [16, act],
  [4, trouble],
  [3, pass],
];

/** What people, schedulers, kubelets and runtimes do. */
const ACTS: readonly Weighted[] = [...podSteps, ...sandboxSteps, ...networkSteps, ...ipamClaimSteps, [1, tamper]];

/** Lets one thing happen, drawn from all that can. */
export async function step(world: World): Promise<void> {
  await take(STEPS, world);
  await turn();
}

function act(world: World): void | Promise<void> {
  const workloads = world.hasWorkloads ? [...statefulSetSteps, ...virtualMachineSteps] : [];
  return take([...ACTS, ...workloads, ...(world.hasStrangers ? strangerSteps : [])], world);
}
