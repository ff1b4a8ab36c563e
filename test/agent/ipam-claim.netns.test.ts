import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { IP_ALLOCATIONS, IPAM_CLAIMS } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { startTestCluster } from './test-cluster.ts';
import { startTestNode } from './test-node.ts';

const { skip } = skipUnlessRing2();

/** A main plugin of somebody else, which asks the IPAM plugin that its configuration names. */
const FOREIGN = `#!/bin/sh
conf=$(cat)
case $CNI_COMMAND in
  ADD | DEL) printf %s "$conf" | "$(dirname "$0")/whereabouts" ;;
esac
`;

test("a reference to an IPAMClaim reaches our IPAM through somebody else's plugin, from pod to pod", {
  skip,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-kept-'));
  try {
    await using cluster = await startTestCluster(dir);
    await using node = await startTestNode({ dir: join(dir, 'n1'), kubeconfig: cluster.kubeconfig });
    writeFileSync(join(dir, 'n1', 'bin', 'foreign'), FOREIGN, { mode: 0o755 });
    symlinkSync(resolve('dist/cni/whereabouts'), join(dir, 'n1', 'bin', 'whereabouts'));
    const ipam = { type: 'whereabouts', range: '172.18.30.1-172.18.30.100/16' };
    await cluster.createNad('foreign', { cniVersion: '1.0.0', name: 'foreign', type: 'foreign', ipam });
    const name = { namespace: 'default', name: 'vm1.foreign' };
    await cluster.client.create(IPAM_CLAIMS, { metadata: name, spec: { network: 'foreign', interface: 'net1' } });
    const networks = JSON.stringify([{ name: 'foreign', 'ipam-claim-reference': name.name }]);
    const seen: unknown[] = [];
    for (const podName of ['a', 'b']) {
      const pod = await cluster.createPod(podName, { annotations: { 'k8s.v1.cni.cncf.io/networks': networks } });
      const netns = node.makeNetns(podName);
      const added = await node.call({ command: 'ADD', containerId: podName, pod, netns }).done;
      assert.equal(added.exitCode, 0, added.stdout);
      const { status } = await cluster.client.get(IPAM_CLAIMS, name);
      assert.equal(status?.ownerPod, podName);
      seen.push(status?.ips);
      const deleted = await node.call({ command: 'DEL', containerId: podName, pod }).done;
      assert.equal(deleted.exitCode, 0, deleted.stdout);
      await cluster.deletePod(podName);
    }
    assert.deepEqual(seen[1], seen[0]);
    const { items } = await cluster.client.list(IP_ALLOCATIONS);
    assert.deepEqual(
      items.map(({ spec }) => [spec.address, spec.policy]),
      [[(seen[0] as readonly string[])[0], 'Sticky']],
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
