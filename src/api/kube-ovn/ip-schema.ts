import * as z from 'zod/mini';
import { objectSchema } from '../object-schema.ts';
import type { KubeOvnIP, KubeOvnIPSpec } from './ip.ts';

/** What an IP must look like. The source of its CRD. */
export function kubeOvnIPSchema() {
  const text = z.exactOptional(z.string());
  const texts = z.exactOptional(z.array(z.string()));

  const spec = z.looseObject({
    podName: z.string(),
    namespace: z.string(),
    nodeName: z.string(),
    subnet: z.string(),
    v4IpAddress: text,
    v6IpAddress: text,
    ipAddress: text,
    macAddress: text,
    podType: text,
    attachIps: texts,
    attachMacs: texts,
    attachSubnets: texts,
    containerID: text,
  }) satisfies z.ZodMiniType<KubeOvnIPSpec>;

  return objectSchema({ spec }) satisfies z.ZodMiniType<KubeOvnIP>;
}
