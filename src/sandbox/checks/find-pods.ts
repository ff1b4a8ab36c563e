import type { SandboxPod } from '../resources.ts';
import { checkFailed } from './check.ts';

/** The pod of this name. @throws SandboxError CHECK_FAILED when there is none */
export function podNamed(pods: readonly SandboxPod[], name: string): SandboxPod {
  const pod = pods.find(({ metadata }) => metadata.name === name);
  if (pod === undefined) throw checkFailed(`there is no pod "${name}"`);
  return pod;
}

/** Two pods of a Deployment, by its label. @throws SandboxError CHECK_FAILED when there are fewer */
export function pairOf(pods: readonly SandboxPod[], app: string): readonly [SandboxPod, SandboxPod] {
  const own = pods.filter(({ metadata }) => metadata.labels?.['app'] === app);
  const [a, b] = own;
  if (a === undefined || b === undefined) throw checkFailed(`Deployment "${app}" has ${own.length} pods, expected 2`);
  return [a, b];
}
