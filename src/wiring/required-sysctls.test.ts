import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requiredSysctls } from './required-sysctls.ts';
import { macvlanAndVeth } from './testing.ts';

describe('requiredSysctls()', () => {
  test('names each path of a place once', () => {
    assert.deepEqual(requiredSysctls([...macvlanAndVeth, ...macvlanAndVeth], 'host'), [
      'net/ipv6/conf/vethabcdef01234/accept_ra',
      'net/ipv4/conf/vethabcdef01234/rp_filter',
    ]);
    assert.deepEqual(requiredSysctls(macvlanAndVeth, 'pod'), []);
  });
});
