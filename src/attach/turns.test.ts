import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseRequest } from '#cni';
import type { JournalEntry } from './entry.ts';
import { createTurns } from './turns.ts';

function del(containerId: string, args: string) {
  return parseRequest({
    plugin: 'underlane',
    stdin: JSON.stringify({ cniVersion: '1.1.0', name: 'lan', type: 'underlane' }),
    env: { CNI_COMMAND: 'DEL', CNI_CONTAINERID: containerId, CNI_IFNAME: 'eth0', CNI_PATH: '/', CNI_ARGS: args },
  });
}

const later: JournalEntry = {
  format: 1,
  key: { containerId: 'c1', ifname: 'net2', plugin: 'underlane', network: '' },
  netns: '/run/netns/x',
  nonce: 'n',
  state: 'added',
  cniVersion: '1.1.0',
  attachments: [],
  pod: { namespace: 'default', name: 'p', uid: 'as the API server has it' },
};

for (const [what, args] of [
  ['names no uid', 'K8S_POD_NAMESPACE=default;K8S_POD_NAME=p'],
  ["knows a static pod by its file's hash", 'K8S_POD_NAMESPACE=default;K8S_POD_NAME=p;K8S_POD_UID=hash'],
] as const) {
  test(`ofEntry() waits for what a request does with the pod, also of a runtime that ${what}`, async () => {
    const turns = createTurns(new AbortController().signal);
    const steps: string[] = [];
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const request = turns.ofRequest(del('c1', args), false, new AbortController().signal, async () => {
      steps.push('request begins');
      await held;
      steps.push('request ends');
      return '';
    });
    const entry = turns.ofEntry(later, async () => {
      steps.push('entry');
    });
    await nextTurn();
    letGo();
    await Promise.all([request, entry]);
    assert.deepEqual(steps, ['request begins', 'request ends', 'entry']);
  });
}

test('ofRequest() keeps nobody from a place while it waits for what must be there before', async () => {
  const turns = createTurns(new AbortController().signal, 1);
  const { promise: ready, resolve: setReady } = Promise.withResolvers<void>();
  const never = new AbortController().signal;
  const steps: string[] = [];
  const step = (name: string) => async (): Promise<string> => {
    steps.push(name);
    return '';
  };
  const held = turns.ofRequest(del('c1', ''), false, never, step('held'), () => ready);
  await turns.ofRequest(del('c2', ''), false, never, step('other'));
  setReady();
  await held;
  assert.deepEqual(steps, ['other', 'held']);
});
