import { join } from 'node:path';
import type { JsonObject } from '#cni';
import { DECIDING_KEYS } from '#networks';
import type { SeenFile } from './choose-primary.ts';
import type { ConfWishes } from './settle-conf.ts';

/**
 * Says of the configurations of Multus in the runtime's directory which of their settings hold for no new pod, now that
 * the runtime takes ours. An isolation of namespaces must not end unnoticed. Pure.
 */
export function settingsPassedOver(
  seen: readonly SeenFile[],
  { confDir, settings = {} }: Pick<ConfWishes, 'confDir' | 'settings'>,
): readonly string[] {
  return seen.flatMap(one => {
    if (one.kind !== 'pipeline') return [];
    const of = one.network.plugins.find(({ type }) => type === 'multus' || type === 'multus-shim') ?? {};
    const keys = DECIDING_KEYS.filter(key => isSet(of, key) && !(key in settings));
    return keys.length === 0
      ? []
      : [
          `"${join(confDir, one.file)}" has ${keys.join(', ')}: that holds for no new pod, unless the agent has it in its --config file`,
        ];
  });
}

function isSet(object: JsonObject, key: string): boolean {
  const value = object[key];
  return (
    ![undefined, null, false, ''].some(nothing => value === nothing) && !(Array.isArray(value) && value.length === 0)
  );
}
