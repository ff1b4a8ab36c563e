import { NODES } from '#api';
import { OUT_OF_SERVICE } from '../../../src/controller/collect/judge-node.ts';
import type { World } from '../world.ts';
import { anyOf, type Step, take, type Weighted } from './possible.ts';

/** What processes, machines and networks suffer, and its end. */
const TROUBLES: readonly Weighted[] = [
  [4, world => anyOf(world.network.streams(), world)?.cut()],
  [4, world => anyOf(world.network.late(), world)?.carryOut()],
  [9, startOne],
  [1, world => anyOf(world.controllers, world)?.crash()],
  [2, loseNode],
  [3, world => anyOf(world.nodes, world)?.crash()],
  [4, world => anyOf(world.nodes, world)?.crashAt(1 + world.choices.draw(8))],
  [6, heal],
  [2, cut],
  [1, compact],
];

export const trouble: Step = world => take(TROUBLES, world);

/** A process that has ended is started again. */
function startOne(world: World): void {
  const ended = [...world.nodes, ...world.controllers].filter(({ isUp }) => !isUp);
  anyOf(ended, world)?.start();
}

function cut(world: World): void {
  const node = anyOf(world.nodes, world);
  if (node === undefined || node.machine.isCut) return;
  node.machine.isCut = true;
  world.trace(() => `${node.name}: cut off`);
}

function heal(world: World): void {
  const node = anyOf(
    world.nodes.filter(({ machine }) => machine.isCut),
    world,
  );
  if (node === undefined) return;
  node.machine.isCut = false;
  world.trace(() => `${node.name}: back on the network`);
}

function compact({ api, trace }: World): void {
  trace(() => 'etcd: compacted');
  api.store.compact();
}

/** With a controller, which alone can give its claims back: the machine, its Node, or only what people say of it. */
function loseNode(world: World): void | Promise<void> {
  const { controllers, objects, trace } = world;
  const node = anyOf(world.nodes, world);
  if (controllers.length === 0 || node === undefined) return;
  const { name } = node;
  const isThere = objects.find(NODES, name) !== undefined;
  return take(
    [
      [1, () => node.lose()],
      [
        2,
        () => {
          if (isThere) objects.delete(NODES, name);
          else objects.create(NODES, { metadata: { name } });
          trace(() => `people: Node ${name} is ${isThere ? 'deleted' : 'there again'}`);
        },
      ],
      [
        2,
        () => {
          if (!isThere) return;
          objects.patch(NODES, name, { spec: { taints: [{ key: OUT_OF_SERVICE, effect: 'NoExecute' }] } });
          trace(() => `people: Node ${name} is out of service`);
        },
      ],
    ],
    world,
  );
}
