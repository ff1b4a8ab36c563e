import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Clock, systemClock } from '#base';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { announceAddresses } from './mod.ts';
import { withCable } from './testing.ts';
import { capture } from './testing-capture.ts';

const options = skipUnlessRing2();
const never = new AbortController().signal;
/** Rounds at once: what is said counts here, not when. */
const hasty: Clock = { ...systemClock, sleep: () => Promise.resolve() };

describe('announceAddresses()', options, () => {
  test('says each address three times, and caches that knew another MAC take up the new one', () =>
    withCable(async (here, there) => {
      const { mac } = here.link('a0');
      there.ip('addr add 10.0.0.1/24 dev b0');
      there.ip('addr add fd00::1/64 dev b0 nodad');
      for (const address of ['10.0.0.5', 'fd00::5']) {
        there.ip(`neigh add ${address} lladdr 02:00:00:00:00:99 dev b0 nud stale`);
      }
      using heard = capture(there.path, 'b0');
      await announceAddresses(here.path, [{ dev: 'a0', addresses: ['10.0.0.5', 'fd00::5'] }], hasty, never);
      const arp = await heard.seen(/ff:ff:ff:ff:ff:ff who-has 10\.0\.0\.5 tell 10\.0\.0\.5$/, 3);
      const ndp = await heard.seen(/33:33:00:00:00:01 fd00::5 > ff02::1 advertisement of fd00::5, override$/, 3);
      for (const line of [...arp, ...ndp]) assert.ok(line.startsWith(mac), line);
      // Without the override flag, an IPv6 neighbour that is known keeps the MAC that is known of it.
      for (const address of ['10.0.0.5', 'fd00::5']) {
        assert.match(there.ip(`neigh show ${address} dev b0`), new RegExp(`lladdr ${mac}`));
      }
    }));

  test('waits for carrier before the first word', () =>
    withCable(async (here, there) => {
      there.ip('link set b0 down');
      let rounds = 0;
      const counting: Clock = {
        ...systemClock,
        sleep: (ms, signal) => {
          rounds++;
          return systemClock.sleep(ms, signal);
        },
      };
      const saying = announceAddresses(here.path, [{ dev: 'a0', addresses: ['10.0.0.5'] }], counting, never);
      await systemClock.sleep(100);
      assert.equal(rounds, 0);
      there.ip('link set b0 up');
      // A socket on a link that is down hears nothing later either.
      using heard = capture(there.path, 'b0');
      await saying;
      assert.equal(rounds, 2);
      await heard.seen(/who-has 10\.0\.0\.5 tell 10\.0\.0\.5$/, 2);
    }));

  test('ends with its signal, and without a word where nothing is any more', () =>
    withCable(async here => {
      const over = new AbortController();
      const saying = announceAddresses(here.path, [{ dev: 'a0', addresses: ['10.0.0.5'] }], systemClock, over.signal);
      over.abort(new Error('the pod has gone'));
      await assert.rejects(saying, /the pod has gone/);
      await announceAddresses(`${here.path}-none`, [{ dev: 'a0', addresses: ['10.0.0.5'] }], hasty, never);
      await announceAddresses(here.path, [{ dev: 'none', addresses: ['10.0.0.5'] }], hasty, never);
      await announceAddresses(here.path, [{ dev: 'lo', addresses: ['127.0.0.1'] }], hasty, never);
    }));
});
