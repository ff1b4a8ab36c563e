import type { KubeObject, Resource } from '#api';
import type { KubeClient } from '#kube';
import { writeStatus } from './write-status.ts';

/** How objects of one kind are brought to what they ask for. */
export interface Reconciler<T extends KubeObject, World, Plan extends ObjectPlan> {
  /** What their plans are made by. */
  look(): Promise<World>;
  plan(object: T, world: World): Plan;
  /** Does what a plan says, but for the status. */
  carryOut(plan: Plan, object: T): Promise<void>;
}

export interface ObjectPlan {
  readonly status: Readonly<Record<string, unknown>>;
}

/** Goes through the objects of a kind but for those that are on their way out. Where there is none, nothing else is read. */
export async function reconcileAll<T extends KubeObject, World, Plan extends ObjectPlan>(
  client: KubeClient,
  resource: Resource<T>,
  { look, plan, carryOut }: Reconciler<T, World, Plan>,
): Promise<void> {
  const { items } = await client.list(resource);
  if (items.length === 0) return;
  const world = await look();
  for (const object of items) {
    if (object.metadata.deletionTimestamp !== undefined) continue;
    const own = plan(object, world);
    await carryOut(own, object);
    await writeStatus(client, resource, object, own.status);
  }
}
