import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAllocation, NetworkAttachmentDefinition } from '#api';
import { claimOn } from '../../api/testing.ts';
import { checkDefinitionChange } from './definition-change.ts';
import { knownObjects } from './known-objects.ts';

function network(ipam: object, annotations: Readonly<Record<string, string>> = {}): NetworkAttachmentDefinition {
  const config = { cniVersion: '1.0.0', type: 'macvlan', master: 'eth1', ipam: { type: 'whereabouts', ...ipam } };
  return { metadata: { name: 'lan', namespace: 'shop', annotations }, spec: { config: JSON.stringify(config) } };
}

function claim(last: number, ofNetwork = 'shop/lan'): IPAllocation {
  return claimOn(`10.0.0.${last}/24`, {
    owner: { podNamespace: 'shop', podName: `p${last}`, network: ofNetwork },
  });
}

function said(to: object, claims: readonly IPAllocation[], annotations = {}): readonly string[] {
  const old = network({ range: '10.0.0.0/24' });
  const problems = checkDefinitionChange(network(to, annotations), old, knownObjects(claims, []));
  for (const { severity, path } of problems) assert.deepEqual([severity, path], ['warning', ['spec', 'config']]);
  return problems.map(({ message }) => message);
}

const KEPT = 'they stay with their pods until those end';

test('checkDefinitionChange() warns of addresses that a narrower range, an exclude, a gateway or another scope leaves out', () => {
  const claims = [claim(9), claim(20)];
  const both = `spec.config no longer hands out 10.0.0.9/24 of Pod shop/p9, 10.0.0.20/24 of Pod shop/p20: ${KEPT}`;
  const one = `spec.config no longer hands out 10.0.0.20/24 of Pod shop/p20: ${KEPT}`;
  assert.deepEqual(said({ range: '10.0.0.1-10.0.0.19/24' }, claims), [one]);
  assert.deepEqual(said({ range: '10.0.0.0/24', exclude: ['10.0.0.20'] }, claims), [one]);
  assert.deepEqual(said({ range: '10.0.0.0/24', gateway: '10.0.0.20' }, claims), [one]);
  assert.deepEqual(said({ range: '10.7.0.0/24' }, claims), [both]);
  assert.deepEqual(said({ range: '10.0.0.0/24' }, claims, { 'underlane.io/scope': 'lab' }), [both]);
});

test('checkDefinitionChange() names three of many', () => {
  const claims = Array.from({ length: 5 }, (_, index) => claim(10 + index));
  assert.match(said({ range: '10.7.0.0/24' }, claims)[0] ?? '', /of Pod shop\/p12 and 2 more: they stay/);
});

test('checkDefinitionChange() says nothing of what stays, is of another network, or cannot be read', () => {
  assert.deepEqual(said({ range: '10.0.0.0/16' }, [claim(9)]), []);
  assert.deepEqual(said({ range: '10.7.0.0/24' }, [claim(9, 'shop/other')]), []);
  const unread: NetworkAttachmentDefinition = { metadata: { name: 'lan', namespace: 'shop' }, spec: { config: '{' } };
  assert.deepEqual(checkDefinitionChange(network({ range: '10.7.0.0/24' }), unread, knownObjects([claim(9)], [])), []);
});
