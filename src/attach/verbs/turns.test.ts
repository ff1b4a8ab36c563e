import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CniCommand, parseRequest } from '#cni';
import { entryId, type JournalEntry } from '../journal/entry.ts';
import { entryOf } from '../journal/testing.ts';
import { createTurns, type Turns } from './turns.ts';

function del(containerId: string, args: string) {
  return parseRequest({
    plugin: 'underlane',
    stdin: JSON.stringify({ cniVersion: '1.1.0', name: 'lan', type: 'underlane' }),
    env: { CNI_COMMAND: 'DEL', CNI_CONTAINERID: containerId, CNI_IFNAME: 'eth0', CNI_PATH: '/', CNI_ARGS: args },
  });
}

const pod = { namespace: 'default', name: 'p', uid: 'as the API server has it' };
const later = entryOf({ containerId: 'c1', ifname: 'net2' }, { pod });

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

test('ofRequest() lets its work step aside for other pods', async () => {
  const turns = createTurns(new AbortController().signal, 1);
  const { promise: made, resolve: make } = Promise.withResolvers<void>();
  const never = new AbortController().signal;
  const waiting = turns.ofRequest(del('c1', ''), false, never, async (_hangUp, aside) => {
    await aside?.(() => made);
    return 'went on';
  });
  assert.equal(await turns.ofRequest(del('c2', ''), false, never, async () => 'other'), 'other');
  make();
  assert.equal(await waiting, 'went on');
});

suite('ofDelegate()', () => {
  const plug = (command: string, ifname = 'net1') => ({ ...del('c1', ''), command: command as CniCommand, ifname });
  const never = new AbortController().signal;
  const running = (signal: AbortSignal): Promise<string> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

  for (const [what, pod, args] of [
    ['a pod that the caller does not name', later.pod, 'K8S_POD_NAMESPACE=default;K8S_POD_NAME=p'],
    ['a pod whose uid nobody knew', undefined, 'K8S_POD_NAMESPACE=default;K8S_POD_NAME=p'],
    ['no pod', undefined, ''],
  ] as const) {
    test(`waits for what is done with the entry that it changes, of ${what}`, async () => {
      const { pod: _pod, ...rest } = later;
      const main: JournalEntry = { ...rest, key: { ...later.key, ifname: 'eth0' }, ...(pod && { pod }) };
      const turns = createTurns(new AbortController().signal);
      const steps: string[] = [];
      const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
      const request = turns.ofRequest(del('c1', args), false, never, async () => {
        await held;
        steps.push('request');
        return '';
      });
      const plugs = ['net1', 'net2', 'eth0'].map(ifname =>
        turns.ofDelegate(plug('DEL', ifname), main, never, async () => {
          steps.push(ifname);
          return '';
        }),
      );
      await nextTurn();
      letGo();
      await Promise.all([request, ...plugs]);
      assert.deepEqual(steps, ['request', 'net1', 'net2', 'eth0']);
    });
  }

  test("is cancelled by its own DEL and by the pod's, not by a DEL of another interface", async () => {
    const main: JournalEntry = { ...later, key: { ...later.key, ifname: 'eth0' } };
    const nothing = async (): Promise<string> => '';
    for (const [isEnded, end] of [
      [true, (turns: Turns) => turns.ofRequest(del('c1', ''), false, never, nothing)],
      [true, (turns: Turns) => turns.ofDelegate(plug('DEL'), main, never, nothing)],
      [false, (turns: Turns) => turns.ofDelegate(plug('DEL', 'net2'), main, never, nothing)],
      [false, (turns: Turns) => turns.ofDelegate(plug('DEL', 'eth0'), main, never, nothing)],
    ] as const) {
      const turns = createTurns(new AbortController().signal);
      const hungUp = new AbortController();
      const add = turns.ofDelegate(plug('ADD'), main, hungUp.signal, running);
      const outcome = assert.rejects(add, isEnded ? { code: 'CANCELLED' } : { message: 'hung up' });
      assert.ok(turns.isAdding(entryId({ ...main.key, ifname: 'net1' })));
      await nextTurn();
      const ended = end(turns);
      if (!isEnded) hungUp.abort(new Error('hung up'));
      await Promise.all([outcome, ended]);
      assert.ok(!turns.isAdding(entryId(main.key)));
    }
  });
});
