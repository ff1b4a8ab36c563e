import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { eventually, type Target } from '../api-contract/target.ts';
import { deployCrds } from '../cluster/deployed.ts';
import { type KubectlAnswer, kubectl } from '../kubectl/kubectl.ts';
import { network, pool } from './manifests.ts';
import { type Replica, startReplica, untilAnnounced } from './replica.ts';

/** An API server that asks the webhooks of a replica, and somebody with a kubectl. */
export interface WebhookScene {
  readonly target: Target;
  /** The one that runs now; undefined where none does. */
  readonly replica: Replica | undefined;
  /** Starts the one that is to run, and waits until it is announced. */
  start(): Promise<void>;
  /** Ends the one that runs, and has another one in its place. */
  replaceBy(other: Replica | undefined): Promise<void>;
  /** @param options further ones of `kubectl apply` */
  apply(manifest: string, ...options: readonly string[]): Promise<KubectlAnswer>;
  taken(manifest: string): Promise<KubectlAnswer>;
  /** @param expected what kubectl says of it */
  refused(manifest: string, ...expected: readonly RegExp[]): Promise<void>;
}

/** Registers the hooks: the scene is there as soon as tests run, and ends with the last one of them. */
export function setWebhookScene(open: () => Promise<Target>): WebhookScene {
  let target: Target;
  let replica: Replica | undefined;

  const scene: WebhookScene = {
    get target() {
      return target;
    },
    get replica() {
      return replica;
    },
    async start() {
      replica = await startReplica(target.kubeconfigPath);
      await untilAnnounced(replica, target.client);
    },
    async replaceBy(other) {
      await replica?.stop();
      replica = other;
    },
    apply: (manifest, ...options) =>
      kubectl(target.kubeconfigPath, ['-n', target.namespace, 'apply', ...options, '-f', '-'], manifest),
    async taken(manifest) {
      const answer = await scene.apply(manifest);
      assert.equal(answer.exitCode, 0, answer.stderr);
      return answer;
    },
    async refused(manifest, ...expected) {
      const { exitCode, stdout, stderr } = await scene.apply(manifest);
      assert.equal(exitCode, 1, stdout);
      for (const pattern of expected) assert.match(stderr, pattern);
    },
  };

  before(async () => {
    target = await open();
    await deployCrds(target.client);
    await scene.start();
    // An API server may take a moment to hear of each of the two configurations.
    const dryRun = (manifest: string): Promise<KubectlAnswer> =>
      scene.apply(manifest, '--dry-run=server', '-o', 'json');
    await eventually('objects to be validated', async () => {
      return (await dryRun(network('probe', { type: 'macvlan', mode: 'none' }))).exitCode === 0 ? undefined : true;
    });
    await eventually('objects to be completed', async () => {
      return (await dryRun(pool('probe', { subnet: '10.1.0.0/16' }))).stdout.includes('"ipVersion": 4') || undefined;
    });
  });
  after(async () => {
    await scene.replaceBy(undefined);
    await target.close();
  });
  return scene;
}
