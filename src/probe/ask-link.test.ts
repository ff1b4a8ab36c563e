import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { askLink, type Question } from './ask-link.ts';
import type { LinkEar } from './link-ear.ts';

/** A link on which the test says what is heard, and when. */
function fakeEar() {
  const listeners = new Set<(frame: Buffer) => void>();
  const unread: Buffer[] = [];
  let sent = 0;
  const hear = (text: string): void => {
    for (const listener of listeners) listener(Buffer.from(text));
  };
  const ear: LinkEar = {
    send: () => void sent++,
    listen(onFrame) {
      listeners.add(onFrame);
      return () => void listeners.delete(onFrame);
    },
    drainSync() {
      for (const frame of unread.splice(0)) hear(frame.toString());
    },
    close() {},
  };
  return { ear, hear, unread, sent: () => sent, listening: () => listeners.size };
}

const question: Question = {
  frame: Buffer.from('who has it?'),
  sendsMs: [0, 100],
  windowMs: 200,
  answer: frame => (frame.toString().startsWith('I') ? frame.toString() : undefined),
};
const never = new AbortController().signal;

/** Runs with the clock held still. */
function withStillClock(run: () => Promise<void>): () => Promise<void> {
  return async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      await run();
    } finally {
      mock.timers.reset();
    }
  };
}

test(
  'askLink() takes silence for an answer at the end of the window only, having asked as often as it is told to',
  withStillClock(async () => {
    const { ear, sent, hear, listening } = fakeEar();
    let isOver = false;
    const asking = askLink(ear, question, never).finally(() => {
      isOver = true;
    });
    mock.timers.tick(199);
    hear('nothing to do with it');
    await Promise.resolve();
    assert.deepEqual([sent(), isOver], [2, false]);
    mock.timers.tick(1);
    assert.equal(await asking, undefined);
    assert.equal(listening(), 0);
  }),
);

test(
  'askLink() hears an answer at the very end of the window, and asks no more after one',
  withStillClock(async () => {
    const late = fakeEar();
    const asking = askLink(late.ear, question, never);
    mock.timers.tick(199);
    late.hear('I do');
    assert.equal(await asking, 'I do');

    const early = fakeEar();
    const answered = askLink(early.ear, question, never);
    mock.timers.tick(50);
    early.hear('I do');
    assert.equal(await answered, 'I do');
    mock.timers.tick(150);
    assert.equal(early.sent(), 1);
  }),
);

test(
  'askLink() looks at what lies unread before it believes that nobody answers',
  withStillClock(async () => {
    const { ear, unread } = fakeEar();
    const asking = askLink(ear, question, never);
    unread.push(Buffer.from('I do'));
    mock.timers.tick(200);
    assert.equal(await asking, 'I do');
  }),
);

test(
  'askLink() passes on what keeps it from asking, and listens no more',
  withStillClock(async () => {
    const { ear, listening } = fakeEar();
    const failing = askLink(
      {
        ...ear,
        send: () => {
          throw new Error('ENETDOWN');
        },
      },
      question,
      never,
    );
    mock.timers.tick(1);
    await assert.rejects(failing, /ENETDOWN/);
    assert.equal(listening(), 0);
  }),
);

test('askLink() ends with the reason of its signal', async () => {
  const { ear, sent, listening } = fakeEar();
  const given = new AbortController();
  const asking = askLink(ear, question, given.signal);
  given.abort(new Error('given up'));
  await assert.rejects(asking, /given up/);
  await assert.rejects(askLink(ear, question, given.signal), /given up/);
  assert.deepEqual([sent(), listening()], [0, 0]);
});
