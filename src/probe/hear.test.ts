import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIp } from '#ip';
import { protocolOf } from './address-protocol.ts';
import { claimantOf, holderOf } from './hear.ts';

const OURS = '02:00:00:00:00:01';
const THEIRS = '02:00:00:00:00:02';

const families = [
  { name: 'IPv4', address: parseIp('10.0.0.5'), other: parseIp('10.0.0.6') },
  { name: 'IPv6', address: parseIp('fd00::5'), other: parseIp('fd00::6') },
] as const;

for (const { name, address, other } of families) {
  const { probe, request, announcement: announce } = protocolOf(address.family);

  test(`claimantOf() finds whoever has an ${name} address, or is about to take it as well`, () => {
    assert.equal(claimantOf(announce(THEIRS, address), address, OURS), THEIRS);
    assert.equal(claimantOf(request(THEIRS, address, other), address, OURS), THEIRS);
    assert.equal(claimantOf(probe(THEIRS, address), address, OURS), THEIRS);
  });

  test(`claimantOf() of an ${name} address finds no one in our own frames, in questions and in talk of others`, () => {
    assert.equal(claimantOf(probe(OURS, address), address, OURS), undefined);
    assert.equal(claimantOf(announce(OURS, address), address, OURS), undefined);
    assert.equal(claimantOf(request(THEIRS, other, address), address, OURS), undefined);
    assert.equal(claimantOf(probe(THEIRS, other), address, OURS), undefined);
    assert.equal(claimantOf(announce(THEIRS, other), address, OURS), undefined);
  });

  test(`holderOf() of an ${name} address takes no question for an answer`, () => {
    assert.equal(holderOf(announce(THEIRS, address), address), THEIRS);
    assert.equal(holderOf(probe(THEIRS, address), address), undefined);
    assert.equal(holderOf(request(THEIRS, other, address), address), undefined);
  });
}
