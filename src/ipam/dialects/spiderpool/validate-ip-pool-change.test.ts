import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesOf } from '../../../api/testing.ts';
import { claimOf, pool6Of, poolOf } from './testing.ts';
import { validateSpiderIPPoolChange, validateSpiderIPPoolRemoval } from './validate-ip-pool.ts';

test('validateSpiderIPPoolChange() keeps subnet and family, and addresses in use', () => {
  const old = poolOf('a', { ipVersion: 4 });
  const claims = [claimOf('a', '172.18.30.140/16', 'shop/web-1')];
  assert.deepEqual(validateSpiderIPPoolChange(old, poolOf('a', { ips: ['172.18.30.138-172.18.30.150'] }), claims), []);
  assert.deepEqual(
    messagesOf(validateSpiderIPPoolChange(old, poolOf('a', { ips: ['172.18.30.131-172.18.30.139'] }), claims)),
    [
      'spec.ips and spec.excludeIPs remove an IP address 172.18.30.140 that is being used by Pod shop/web-1, expected those in use to stay',
    ],
  );
  assert.deepEqual(
    messagesOf(validateSpiderIPPoolChange(old, poolOf('a', { excludeIPs: ['172.18.30.140'] }), claims)),
    [
      'spec.ips and spec.excludeIPs remove an IP address 172.18.30.140 that is being used by Pod shop/web-1, expected those in use to stay',
    ],
  );
  assert.deepEqual(messagesOf(validateSpiderIPPoolChange(old, pool6Of('a', { ipVersion: 6 }), [])), [
    'spec.subnet is "fd00:30::/64", expected 172.18.0.0/16: it is not changeable',
    'spec.ipVersion is 6, expected 4: it is not changeable',
  ]);
});

test('validateSpiderIPPoolChange() lets a pool that is being deleted change in its metadata alone', () => {
  const old = poolOf('a', {}, { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x'] });
  assert.deepEqual(validateSpiderIPPoolChange(old, { ...old, metadata: { name: 'a' } }, []), []);
  assert.deepEqual(messagesOf(validateSpiderIPPoolChange(old, poolOf('a', { disable: true }), [])), [
    'spec is changed, expected no change: the pool is being deleted',
  ]);
});

test('validateSpiderIPPoolChange() leaves a pool that was made for one workload to that workload', () => {
  const old = poolOf(
    'auto4-web-eth0-12345',
    { podAffinity: { matchLabels: { 'ipam.spidernet.io/app-name': 'web' } } },
    { labels: { 'ipam.spidernet.io/owner-application-kind': 'Deployment' } },
  );
  const changed = { ...old, spec: { ...old.spec, nodeName: ['n1'], podAffinity: { matchLabels: { app: 'x' } } } };
  assert.deepEqual(messagesOf(validateSpiderIPPoolChange(old, changed, [])), [
    'spec.podAffinity is {"matchLabels":{"app":"x"}}, expected {"matchLabels":{"ipam.spidernet.io/app-name":"web"}}: the pool was made for one workload',
    'spec.nodeName is ["n1"], expected none: the pool was made for one workload',
  ]);
  assert.deepEqual(validateSpiderIPPoolChange(old, { ...old, spec: { ...old.spec, disable: true } }, []), []);
});

test('validateSpiderIPPoolRemoval() names who still uses the pool', () => {
  assert.deepEqual(validateSpiderIPPoolRemoval(poolOf('a'), []), []);
  const claims = ['131', '132', '133', '134'].map(last => claimOf('a', `172.18.30.${last}/16`));
  assert.deepEqual(messagesOf(validateSpiderIPPoolRemoval(poolOf('a'), claims)), [
    'SpiderIPPool a is deleted, expected that none of its addresses is used: 172.18.30.131 by Pod default/web-0, 172.18.30.132 by Pod default/web-0, 172.18.30.133 by Pod default/web-0 and 1 more; set spec.disable to stop it from handing out more',
  ]);
});
