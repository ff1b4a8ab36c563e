import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, Resource } from '#api';
import type { Target } from './target.ts';
import { withCode } from './target.ts';

interface Service extends KubeObject {
  readonly spec: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly ports?: readonly ServicePort[];
    readonly selector?: unknown;
  };
}

interface ServicePort {
  readonly port: number;
  readonly targetPort?: number;
  readonly protocol?: string;
  readonly nodePort?: number;
}

const SERVICES: Resource<Service> = {
  group: '',
  version: 'v1',
  plural: 'services',
  kind: 'Service',
  isNamespaced: true,
};

/** Services: the API server gives out their addresses and node ports. */
export function testServices(target: () => Target): void {
  const service = (name: string, spec: Service['spec']): Service => ({
    metadata: { namespace: target().namespace, name },
    spec,
  });

  test('every service gets an address of its own, and NodePort services a port of the node', async () => {
    const { client } = target();
    const plain = await client.create(SERVICES, service('plain', { ports: [{ port: 80 }] }));
    const node = await client.create(
      SERVICES,
      service('node', {
        type: 'NodePort',
        ports: [{ port: 80 }, { port: 81 }].map((port, index) => ({ ...port, name: `p${index}` })),
      }),
    );
    assert.match(plain.spec.clusterIP ?? '', /^\d+\.\d+\.\d+\.\d+$/);
    assert.notEqual(plain.spec.clusterIP, node.spec.clusterIP);
    assert.deepEqual(
      [plain.spec.type, plain.spec.ports?.[0]?.protocol, plain.spec.ports?.[0]?.targetPort],
      ['ClusterIP', 'TCP', 80],
    );
    const ports = (node.spec.ports ?? []).map(port => port.nodePort ?? 0);
    assert.ok(ports.every(port => port >= 30_000 && port <= 32_767));
    assert.equal(new Set(ports).size, 2);
  });

  test('an address stays with its service, and is refused to another', async () => {
    const { client } = target();
    const first = await client.create(SERVICES, service('first', { ports: [{ port: 80 }] }));
    const { clusterIP = '' } = first.spec;
    await assert.rejects(
      client.create(SERVICES, service('second', { clusterIP, ports: [{ port: 80 }] })),
      withCode('Invalid'),
    );
    await assert.rejects(
      client.mergePatch(SERVICES, first.metadata, { spec: { clusterIP: '10.96.77.77' } }),
      withCode('Invalid'),
    );
    const patched = await client.mergePatch(SERVICES, first.metadata, { spec: { selector: { app: 'x' } } });
    assert.deepEqual([patched.spec.clusterIP, patched.spec.selector], [clusterIP, { app: 'x' }]);
  });

  test('headless services have no address; services without ports or with bad names are refused', async () => {
    const { client } = target();
    assert.equal((await client.create(SERVICES, service('headless', { clusterIP: 'None' }))).spec.clusterIP, 'None');
    await assert.rejects(client.create(SERVICES, service('no-ports', {})), withCode('Invalid'));
    await assert.rejects(client.create(SERVICES, service('1-digit', { ports: [{ port: 80 }] })), withCode('Invalid'));
    await assert.rejects(client.create(SERVICES, service('port', { ports: [{ port: 70_000 }] })), withCode('Invalid'));
  });
}
