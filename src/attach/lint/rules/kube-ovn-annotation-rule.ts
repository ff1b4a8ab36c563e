import { KUBE_OVN_IP_POOLS } from '#api';
import { loadKubeOvnObjects } from '#ipam';
import type { AnnotationRule } from './annotation-rule.ts';

/** Kube-OVN's annotations of pods: what nobody can read, and IPPools that are none of those that are known. */
export async function kubeOvnAnnotationRule(): Promise<AnnotationRule> {
  const { readKubeOvnAnnotations } = await loadKubeOvnObjects();
  return ({ annotations, namespace, name }, known) => {
    const { pools, problems } = readKubeOvnAnnotations(annotations, { namespace, name });
    const all = known.list(KUBE_OVN_IP_POOLS).map(({ metadata }) => metadata.name);
    return [
      ...problems.map(({ key, message }) => ({ key, message: message.replace(` of pod "${namespace}/${name}"`, '') })),
      ...pools
        // Files without any say nothing about which there are.
        .filter(pool => all.length > 0 && !all.includes(pool.name))
        .map(pool => ({
          key: pool.key,
          message: `annotation "${pool.key}": IPPool "${pool.name}" is none of those that are known here: ${all.join(', ')}`,
          severity: 'warning' as const,
        })),
    ];
  };
}
