import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AdmissionResponse,
  IP_ALLOCATIONS,
  type KubeObject,
  NETWORK_ATTACHMENT_DEFINITIONS,
  PODS,
  SPIDER_IP_POOLS,
  type SpiderIPPool,
} from '#api';
import { claimOn } from '../../api/testing.ts';
import { createReviewer } from './reviewer.ts';
import { allKinds, requestOf, reviewerAmong } from './testing.ts';

const signal = new AbortController().signal;

function pool(name: string, spec: SpiderIPPool['spec'], metadata: object = {}): SpiderIPPool {
  return {
    apiVersion: 'spiderpool.spidernet.io/v2beta1',
    kind: 'SpiderIPPool',
    metadata: { name, ...metadata },
    spec,
  };
}

function network(config: string, metadata: object = {}): KubeObject {
  return { metadata: { name: 'lan', namespace: 'shop', ...metadata }, spec: { config } } as KubeObject;
}

/** What was said of each field. */
function causes({ status }: AdmissionResponse): readonly (readonly [string, string])[] {
  return (status?.details.causes ?? []).map(({ field, message }) => [field, message]);
}

const GOOD = '{"cniVersion": "1.0.0", "type": "macvlan", "master": "eth0"}';
const BAD = '{"cniVersion": "1.0.0", "plugins": [{"type": "macvlan", "mode": "none"}, {"type": "tuning"}]}';

test('validate() says of a network what lint says, errors as causes and the rest as warnings', async () => {
  const reviewer = await reviewerAmong();
  const request = requestOf(NETWORK_ATTACHMENT_DEFINITIONS, {
    operation: 'CREATE',
    namespace: 'shop',
    object: network(BAD),
  });
  const response = await reviewer.validate(request, signal);
  assert.equal(response.allowed, false);
  assert.deepEqual([response.status?.code, response.status?.reason], [422, 'Invalid']);
  const [[field, message] = []] = causes(response);
  assert.equal(field, 'spec.config.plugins[0].mode');
  assert.match(message ?? '', /^plugin "macvlan": mode is "none", expected one of /);
  assert.match(
    response.status?.message ?? '',
    /^Cannot use NetworkAttachmentDefinition "shop\/lan": spec\.config\.plugins/,
  );
  assert.match(response.warnings?.[0] ?? '', /^spec\.config\.plugins\[1\]\.type: plugin "tuning" \(number 2\) is not /);
  const good = requestOf(NETWORK_ATTACHMENT_DEFINITIONS, { operation: 'CREATE', object: network(GOOD) });
  assert.deepEqual(await reviewer.validate(good, signal), { uid: 'u1', allowed: true });
});

test('validate() looks at what changes, never at an object on its way out, its labels or a subresource', async () => {
  const reviewer = await reviewerAmong();
  const isAllowed = async (object: KubeObject, oldObject: KubeObject, subResource = ''): Promise<boolean> => {
    const request = requestOf(NETWORK_ATTACHMENT_DEFINITIONS, { operation: 'UPDATE', object, oldObject, subResource });
    return (await reviewer.validate(request, signal)).allowed;
  };
  assert.equal(await isAllowed(network(BAD), network(GOOD)), false);
  assert.equal(await isAllowed(network(BAD, { labels: { a: 'b' }, finalizers: ['x'] }), network(BAD)), true);
  assert.equal(await isAllowed(network(BAD, { annotations: { a: 'b' } }), network(BAD)), false);
  assert.equal(await isAllowed(network(BAD, { deletionTimestamp: 'now' }), network(GOOD)), true);
  assert.equal(await isAllowed(network(BAD), network(GOOD), 'status'), true);
});

test('validate() passes over kinds that it does not know', async () => {
  const reviewer = await reviewerAmong();
  const request = requestOf(PODS, { operation: 'CREATE', object: { metadata: { name: 'x' } } });
  assert.deepEqual(await reviewer.validate(request, signal), { uid: 'u1', allowed: true });
});

test("validate() holds an object against the cluster's, but for those that are not of their type", async () => {
  const known = pool('known', { subnet: '10.6.0.0/16', ips: ['10.6.0.3-10.6.0.9'] });
  const request = requestOf(SPIDER_IP_POOLS, {
    operation: 'CREATE',
    object: pool('new', { subnet: '10.6.0.0/16', ips: ['10.6.0.9'] }),
  });
  assert.equal((await (await reviewerAmong([known])).validate(request, signal)).allowed, false);
  // As a definition that somebody else made may let in.
  const loose = { ...known, spec: { subnet: 7 } };
  assert.equal((await (await reviewerAmong([loose])).validate(request, signal)).allowed, true);
});

test('validate() refuses what others rely on, without a field to name', async () => {
  const used = pool('used', { subnet: '10.6.0.0/16', ips: ['10.6.0.9'] });
  const claim = claimOn('10.6.0.9/16', {
    pool: { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'used' },
    owner: { podNamespace: 'shop', podName: 'web' },
  });
  const request = requestOf(SPIDER_IP_POOLS, { operation: 'DELETE', name: 'used', oldObject: used });
  const { allowed, status } = await (await reviewerAmong([claim])).validate(request, signal);
  assert.equal(allowed, false);
  assert.deepEqual([status?.code, status?.reason, status?.details.causes], [403, 'Forbidden', []]);
  assert.match(status?.message ?? '', /^Cannot delete SpiderIPPool "used": .*10\.6\.0\.9 by Pod shop\/web/);
  assert.equal((await (await reviewerAmong()).validate(request, signal)).allowed, true);
});

test('complete() answers with a patch, or with none where there is nothing to add', async () => {
  const reviewer = await reviewerAmong();
  const complete = async (object: SpiderIPPool) => {
    const { patch } = await reviewer.complete(requestOf(SPIDER_IP_POOLS, { operation: 'CREATE', object }), signal);
    return patch === undefined ? undefined : JSON.parse(Buffer.from(patch, 'base64').toString());
  };
  assert.deepEqual(await complete(pool('p', { subnet: '10.6.0.0/16', ips: ['10.6.0.9'] }, { labels: {} })), [
    { op: 'add', path: '/metadata/labels/ipam.spidernet.io~1ippool-cidr', value: '10-6-0-0-16' },
    { op: 'add', path: '/spec/ipVersion', value: 4 },
  ]);
  const labels = { 'ipam.spidernet.io/ippool-cidr': '10-6-0-0-16' };
  assert.equal(await complete(pool('p', { subnet: '10.6.0.0/16', ipVersion: 4 }, { labels })), undefined);
  assert.equal(await complete(pool('p', { subnet: 'rubbish' })), undefined);
});

test('validate() and complete() reject while the cluster is not known', async () => {
  const reviewer = createReviewer(await allKinds(), () => Promise.reject(new Error('no API server')));
  const object = pool('p', { subnet: '10.6.0.0/16' });
  const request = requestOf(SPIDER_IP_POOLS, { operation: 'CREATE', object });
  await assert.rejects(reviewer.validate(request, signal), /no API server/);
  await assert.rejects(reviewer.complete(request, signal), /no API server/);
  const claim = { metadata: { name: 'default-10.6.0.9' } } as KubeObject;
  const own = requestOf(IP_ALLOCATIONS, { operation: 'CREATE', object: claim });
  assert.equal((await reviewer.validate(own, signal)).allowed, false);
});
