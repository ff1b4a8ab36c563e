import { SPIDER_IP_POOLS, SPIDER_SUBNETS } from '#api';
import { loadSpiderpoolObjects } from '#ipam';
import type { AnnotationRule } from './annotation-rule.ts';

/** Spiderpool's annotations of pods and namespaces: what nobody can read, and pools that are none of those that are known. */
export async function spiderpoolAnnotationRule(): Promise<AnnotationRule> {
  const { readAnnotations } = await loadSpiderpoolObjects();
  return ({ annotations, namespace, name: object }, known) => {
    const holder = `"${namespace}/${object}"`;
    const { names, problems } = readAnnotations(annotations, holder);
    return [
      ...problems.map(({ key, message }) => ({ key, message: message.replace(` of ${holder}`, '') })),
      ...names.flatMap(({ key, kind, name, means }) => {
        const all = known.list(kind === 'SpiderIPPool' ? SPIDER_IP_POOLS : SPIDER_SUBNETS);
        // Files without any say nothing about which there are.
        if (all.length === 0 || all.some(({ metadata }) => means(metadata.name))) return [];
        const message = `annotation ${key}: ${kind} "${name}" is none of those that are known here: ${all.map(({ metadata }) => metadata.name).join(', ')}`;
        return [{ key, message, severity: 'warning' as const }];
      }),
    ];
  };
}
