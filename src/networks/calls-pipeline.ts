import { isJsonObject } from '#cni';

/** Names under which the whole pod pipeline is called; every other name runs exactly that plugin. */
export const PIPELINE_NAMES: ReadonlySet<string> = new Set(['underlane', 'multus', 'multus-shim']);

/** Whether a configuration calls us (or Multus) at any depth: to delegate to it would go round in circles. */
export function callsPipeline(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(callsPipeline);
  if (!isJsonObject(value)) return false;
  if (typeof value['type'] === 'string' && PIPELINE_NAMES.has(value['type'])) return true;
  return Object.values(value).some(callsPipeline);
}
