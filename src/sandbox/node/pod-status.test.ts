import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxPod } from '../resources.ts';
import { podStatusPatch } from './pod-status.ts';

const pod: SandboxPod = {
  metadata: { name: 'p', namespace: 'default', uid: 'u' },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
  status: {
    conditions: [
      { type: 'Ready', status: 'False', lastTransitionTime: 'before' },
      { type: 'Initialized', status: 'True', lastTransitionTime: 'before' },
    ],
  },
};
const state = {
  phase: 'Running',
  hostIps: ['172.18.0.2', 'fd00:172:18::2'],
  ips: ['10.0.0.2', 'fd00::2'],
  isReady: true,
  restarts: 1,
  startedAt: 'then',
} as const;

/** The part of the patch that the tests look at. */
interface Patch {
  readonly metadata: { readonly uid: string };
  readonly status: {
    readonly podIP?: string;
    readonly podIPs?: unknown;
    readonly hostIP?: string;
    readonly hostIPs?: unknown;
    readonly conditions: readonly { type: string; status: string; lastTransitionTime: string }[];
    readonly containerStatuses: readonly unknown[];
  };
}

test('podStatusPatch() carries the uid, the addresses of both families and the containers', () => {
  const patch = podStatusPatch(pod, state, 'now') as Patch;
  assert.equal(patch.metadata.uid, 'u');
  const { podIP, podIPs, hostIP, hostIPs } = patch.status;
  assert.deepEqual([podIP, podIPs], ['10.0.0.2', [{ ip: '10.0.0.2' }, { ip: 'fd00::2' }]]);
  assert.deepEqual([hostIP, hostIPs], ['172.18.0.2', [{ ip: '172.18.0.2' }, { ip: 'fd00:172:18::2' }]]);
  assert.deepEqual(patch.status.containerStatuses, [
    {
      name: 'c',
      image: 'nginx',
      imageID: '',
      ready: true,
      started: true,
      restartCount: 1,
      state: { running: { startedAt: 'then' } },
    },
  ]);
});

test("podStatusPatch() changes a condition's time only with its value", () => {
  const { conditions } = (podStatusPatch(pod, state, 'now') as Patch).status;
  const times = Object.fromEntries(conditions.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]));
  assert.deepEqual(times, { PodScheduled: 'now', Initialized: 'before', ContainersReady: 'now', Ready: 'now' });
});

test('podStatusPatch() leaves out an address that is not there yet', () => {
  const patch = podStatusPatch(
    pod,
    { phase: 'Pending', hostIps: ['172.18.0.2', 'fd00:172:18::2'], ips: [], isReady: false, restarts: 0 },
    'now',
  ) as Patch;
  assert.ok(!('podIP' in patch.status));
});
