import * as z from 'zod/mini';
import { labelSelectorSchema } from '../label-selector-schema.ts';
import { objectSchema } from '../object-schema.ts';
import type { SpiderIPPool, SpiderIPPoolSpec, SpiderIPPoolStatus } from './spider-ip-pool.ts';
import { addressesShape, countShape, namesShape } from './spider-shapes.ts';

/** What a SpiderIPPool must look like. The source of its CRD. */
export function spiderIPPoolSchema() {
  const spec = z.object({
    ...addressesShape(),
    podAffinity: selector('Pods that may use the pool, by their labels'),
    namespaceAffinity: selector('Namespaces whose pods may use it, by their labels'),
    namespaceName: namesShape('The same by name; wins over namespaceAffinity'),
    nodeAffinity: selector('Nodes whose pods may use it, by their labels'),
    nodeName: namesShape('The same by name; wins over nodeAffinity'),
    multusName: namesShape('NetworkAttachmentDefinitions whose interfaces may use it, namespace/name or name'),
    default: flag('Used by pods for which nothing else names a pool'),
    disable: flag('Hands nothing out; what is held stays held'),
  }) satisfies z.ZodMiniType<SpiderIPPoolSpec>;
  const status = z.object({
    allocatedIPs: z.exactOptional(z.string().check(z.describe('Which pod has which address, as JSON'))),
    totalIPCount: countShape(),
    allocatedIPCount: countShape(),
  }) satisfies z.ZodMiniType<SpiderIPPoolStatus>;
  return objectSchema({ spec, status: z.exactOptional(status) }) satisfies z.ZodMiniType<SpiderIPPool>;
}

function selector(description: string) {
  return z.exactOptional(labelSelectorSchema().check(z.describe(description)));
}

function flag(description: string) {
  return z.exactOptional(z._default(z.boolean(), false).check(z.describe(description)));
}
