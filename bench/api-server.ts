/**
 * The sandbox's API server in a process of its own, with our CRDs. Arguments: where to write the kubeconfig. Says `ready` to its
 * parent, and `filled` when it has put as many claims into its memory as the parent asks for.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { IP_ALLOCATIONS, type KubeObject, type Resource } from '#api';
import { createKubeClient, parseKubeconfig } from '#kube';
import { createApiServer, writeKubeconfig } from '../src/sandbox/apiserver/mod.ts';
import { claimsOf, type Fill } from './addresses/fill-pool.ts';

const CRDS: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  isNamespaced: false,
};

/** What the server keeps of every object, and claims that are yet to be written need not have. */
const KEPT = { uid: '', resourceVersion: '', creationTimestamp: '' };

const [kubeconfig = ''] = process.argv.slice(2);
const server = createApiServer();
const url = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
writeKubeconfig({ path: kubeconfig, server: url.origin });
const client = createKubeClient(await parseKubeconfig(readFileSync(kubeconfig, 'utf8'), kubeconfig));
for (const file of readdirSync('deploy/crds')) {
  // Our own files, which the generator's test reads too.
  await client.create(CRDS, load(readFileSync(join('deploy/crds', file), 'utf8')) as KubeObject);
}
client.close();
process.on('message', (fill: Fill) => {
  const storage = `${IP_ALLOCATIONS.group}/${IP_ALLOCATIONS.plural}`;
  for (const { apiVersion = '', kind = '', metadata, ...object } of claimsOf(fill)) {
    server.store.put(storage, { ...object, apiVersion, kind, metadata: { ...KEPT, ...metadata } });
  }
  process.send?.('filled');
});
process.send?.('ready');
