import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../netns/testing.ts';
import type { Endpoints, Service } from '../resources.ts';
import { proxyRules } from './proxy-rules.ts';

function service(name: string, clusterIP: string, nodePort: number): Service {
  return {
    metadata: { namespace: 'default', name },
    spec: { type: 'NodePort', clusterIP, ports: [{ port: 80, nodePort }] },
  };
}

const endpoints: Endpoints = {
  metadata: { namespace: 'default', name: 'web' },
  subsets: [{ addresses: [{ ip: '10.244.1.2' }, { ip: '10.244.2.2' }], ports: [{ port: 8080 }] }],
};

test('proxyRules() is what nft accepts, also over itself', skipUnlessRing2(), () => {
  const rules = proxyRules(
    [service('web', '172.96.0.10', 30_000), service('idle', '172.96.0.11', 30_001)],
    [endpoints],
    '10.244.0.0/16',
  );
  for (const round of [1, 2]) {
    const { status, stderr } = spawnSync('nft', ['-f', '-'], { input: rules, encoding: 'utf8' });
    assert.deepEqual({ round, status, stderr }, { round, status: 0, stderr: '' });
  }
  const { stdout } = spawnSync('nft', ['list', 'table', 'ip', 'kube-proxy'], { encoding: 'utf8' });
  assert.equal(stdout.match(/dnat to/g)?.length, 2);
  assert.equal(stdout.match(/reject/g)?.length, 2);
});
