import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEPLOYMENTS, type KubeObject, type Resource, type SpiderIPPool } from '#api';
import type { TopController } from '#ipam';
import { findUndecided, type UndecidedSources } from './find-undecided.ts';

const pool: SpiderIPPool = { metadata: { name: 'auto4-web' }, spec: { subnet: '10.6.0.0/16' } };
const owner: TopController = {
  ...{ group: 'apps', version: 'v1', kind: 'Deployment' },
  ...{ namespace: 'shop', name: 'web', uid: 'web-uid' },
};

/** What is asked of the API server, which has the object of this uid. */
function sourcesWith(uid: string | undefined, more: Partial<UndecidedSources>): UndecidedSources & { asked: string[] } {
  const asked: string[] = [];
  const get = async ({ plural }: Resource, { name }: { readonly name: string }): Promise<KubeObject | undefined> => {
    asked.push(`${plural} ${name}`);
    return uid === undefined ? undefined : { metadata: { name, uid } };
  };
  const catalog = { get } as UndecidedSources['catalog'];
  return { asked, ownerOf: () => owner, isSeen: () => false, unread: new Set(), catalog, ...more };
}

/** Whether the pool may be judged, and what had to be asked for that. */
async function decide(uid: string | undefined, more: Partial<UndecidedSources> = {}): Promise<readonly unknown[]> {
  const sources = sourcesWith(uid, more);
  const undecided = await findUndecided([pool], sources, new AbortController().signal);
  return [!undecided.has('auto4-web'), sources.asked];
}

test('findUndecided() asks for a controller that no watch has told of before its pool is taken for a left-over', async () => {
  const asked = [`${DEPLOYMENTS.plural} web`];
  assert.deepEqual(await decide('web-uid'), [false, asked]);
  assert.deepEqual(await decide(undefined), [true, asked]);
  // Another one of the same name.
  assert.deepEqual(await decide('other-uid'), [true, asked]);
});

test('findUndecided() asks for none that is seen, or whose annotations cannot be read, or where there is none', async () => {
  assert.deepEqual(await decide('web-uid', { isSeen: () => true }), [true, []]);
  assert.deepEqual(await decide('web-uid', { isSeen: () => true, unread: new Set(['web-uid']) }), [false, []]);
  assert.deepEqual(await decide('web-uid', { ownerOf: () => undefined }), [true, []]);
});
