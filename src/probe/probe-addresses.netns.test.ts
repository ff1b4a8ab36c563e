import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { awaitCarrier, type ProbeTarget, probeAddresses } from './mod.ts';
import { type Machine, withCable } from './testing.ts';
import { capture } from './testing-capture.ts';

const options = skipUnlessRing2();
const never = new AbortController().signal;

function target(here: Machine, more: Partial<ProbeTarget> & { readonly address: string }): ProbeTarget {
  return { ns: here.ns, ...here.link('a0'), hasConflictProbe: true, ...more };
}

async function ask(here: Machine, ...questions: readonly (Partial<ProbeTarget> & { readonly address: string })[]) {
  await awaitCarrier(here.ns, [here.link('a0').ifindex], 5_000, never);
  return probeAddresses(
    questions.map(question => target(here, question)),
    never,
  );
}

describe('probeAddresses()', options, () => {
  test('names the MAC of whoever has an address, of both families, and finds the others free', () =>
    withCable(async (here, there) => {
      there.ip('addr add 10.0.0.5/24 dev b0');
      there.ip('addr add fd00::5/64 dev b0 nodad');
      const { mac } = there.link('b0');
      const outcomes = await ask(
        here,
        { address: '10.0.0.5' },
        { address: '10.0.0.6' },
        { address: 'fd00::5' },
        { address: 'fd00::6' },
      );
      assert.deepEqual(outcomes, [{ heldBy: mac }, {}, { heldBy: mac }, {}]);
    }));

  test('asks twice as nobody, so that no cache learns of us', () =>
    withCable(async (here, there) => {
      there.ip('addr add 10.0.0.5/24 dev b0');
      there.ip('addr add fd00::5/64 dev b0 nodad');
      using heard = capture(there.path, 'b0');
      await ask(here, { address: '10.0.0.6' }, { address: 'fd00::6' });
      await heard.seen(/who-has 10\.0\.0\.6 tell 0\.0\.0\.0$/, 2);
      await heard.seen(/33:33:ff:00:00:06 :: > ff02::1:ff00:6 solicitation of fd00::6$/, 2);
      const { mac } = here.link('a0');
      const own = heard.lines().filter(line => line.startsWith(mac) && !line.includes(' fe80::'));
      assert.equal(own.length, 4, own.join('\n'));
      assert.equal(there.ip('neigh show 10.0.0.6'), '');
    }));

  test('finds a gateway that answers, and names one that is silent', () =>
    withCable(async (here, there) => {
      there.ip('addr add 10.0.0.1/24 dev b0');
      there.ip('addr add fd00::1/64 dev b0 nodad');
      const outcomes = await ask(
        here,
        { address: '10.0.0.5', gateway: '10.0.0.1' },
        { address: '10.0.0.5', gateway: '10.0.0.1', hasConflictProbe: false },
        { address: '10.0.0.6', gateway: '10.0.0.2' },
        { address: 'fd00::5', gateway: 'fd00::1' },
        { address: 'fd00::5', gateway: 'fd00::1', hasConflictProbe: false },
        { address: 'fd00::6', gateway: 'fd00::2' },
      );
      const silent = { isGatewaySilent: true };
      assert.deepEqual(outcomes, [{}, {}, silent, {}, {}, silent]);
    }));

  test('asks a gateway again that does not answer at first', () =>
    withCable(async (here, there) => {
      const asking = ask(here, { address: '10.0.0.5', gateway: '10.0.0.1' });
      await pause(450);
      there.ip('addr add 10.0.0.1/24 dev b0');
      assert.deepEqual(await asking, [{}]);
    }));

  test('a conflict ends the question, whatever the gateway says', () =>
    withCable(async (here, there) => {
      there.ip('addr add 10.0.0.5/24 dev b0');
      const [outcome] = await ask(here, { address: '10.0.0.5', gateway: '10.0.0.9' });
      assert.deepEqual(outcome, { heldBy: there.link('b0').mac });
    }));

  test('ends with the reason of its signal', () =>
    withCable(async here => {
      const giveUp = new AbortController();
      const asking = probeAddresses([target(here, { address: '10.0.0.5' })], giveUp.signal);
      giveUp.abort(new Error('given up'));
      await assert.rejects(asking, /given up/);
    }));
});

describe('awaitCarrier()', options, () => {
  test('waits until the other end is there, and no longer than it is told to', () =>
    withCable(async (here, there) => {
      const { ifindex } = here.link('a0');
      there.ip('link set b0 down');
      await awaitCarrier(here.ns, [ifindex], 50, never);
      assert.match(here.ip('link show a0'), /NO-CARRIER/);
      const waiting = awaitCarrier(here.ns, [ifindex], 60_000, never);
      there.ip('link set b0 up');
      await waiting;
      assert.match(here.ip('link show a0'), /LOWER_UP/);
    }));
});
