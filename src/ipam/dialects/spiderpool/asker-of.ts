import { type KubeObject, NODES, type SpiderIPPool } from '#api';
import type { PoolCatalog } from '../../catalog/pool-catalog.ts';
import type { WishContext } from '../../wishes/wishes.ts';
import { type Asker, needsOf } from './judge-pool.ts';
import { knownTopController } from './top-controller.ts';

/** Who asks, with as much as the pools' rules want to know. @throws ApiError */
export async function askerOf(
  pools: readonly SpiderIPPool[],
  context: WishContext,
  namespace: KubeObject | undefined,
  catalog: PoolCatalog,
): Promise<Asker> {
  const { pod, node, interface: own } = context;
  const needs = pools.map(needsOf);
  const [found, controller] = await Promise.all([
    needs.some(need => need.node)
      ? catalog.remember(`node ${node}`, () => catalog.get(NODES, { name: node }))
      : undefined,
    pod !== undefined && needs.some(need => need.controller) ? knownTopController(pod, catalog) : undefined,
  ]);
  const { namespace: podNamespace = 'default', labels = {} } = pod?.metadata ?? {};
  const namespaceLabels = namespace?.metadata.labels ?? {};
  return {
    ...(pod === undefined ? {} : { pod: { namespace: podNamespace, labels, namespaceLabels } }),
    node: { name: node, labels: found?.metadata.labels ?? {} },
    controller,
    interface: own.name,
    ...(own.nad === undefined ? {} : { nad: own.nad }),
  };
}
