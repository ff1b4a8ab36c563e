import { isJsonObject, isSameJson, listOr } from './json.ts';

/**
 * Lists that merge by a key of their items, by field name. The real server takes this from each Go type; the names below mean the
 * same in all the kinds served here, except `ports` (see {@link mergeKeyOf}). Every other list is replaced as a whole.
 */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  conditions: 'type',
  containers: 'name',
  env: 'name',
  ephemeralContainers: 'name',
  hostAliases: 'ip',
  imagePullSecrets: 'name',
  initContainers: 'name',
  ownerReferences: 'uid',
  podIPs: 'ip',
  secrets: 'name',
  taints: 'key',
  topologySpreadConstraints: 'topologyKey',
  volumeDevices: 'devicePath',
  volumeMounts: 'mountPath',
  volumes: 'name',
};
const MERGED_PRIMITIVES = new Set(['finalizers', 'podCIDRs']);
const ORDER = '$setElementOrder/';
const DELETE_PRIMITIVES = '$deleteFromPrimitiveList/';

/** The result of a strategic merge patch, the form that `kubectl apply`, `label` and `annotate` send for built-in kinds. */
export function strategicMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  const result: Record<string, unknown> = isJsonObject(target) ? { ...target } : {};
  const retain = patch['$retainKeys'];
  if (Array.isArray(retain)) for (const key of Object.keys(result)) if (!retain.includes(key)) delete result[key];
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_PRIMITIVES)) {
      const field = key.slice(DELETE_PRIMITIVES.length);
      result[field] = listOr(result[field]).filter(item => !listOr(value).includes(item));
    } else if (key.startsWith('$')) {
      // $patch and $retainKeys are done above, $setElementOrder below
    } else if (value === null) delete result[key];
    else if (Array.isArray(value)) result[key] = mergeList(key, result[key], value);
    else if (isJsonObject(value) && value['$patch'] === 'delete') delete result[key];
    else result[key] = strategicMergePatch(result[key], value);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(ORDER))
      result[key.slice(ORDER.length)] = inOrder(
        key.slice(ORDER.length),
        listOr(result[key.slice(ORDER.length)]),
        listOr(value),
        isJsonObject(target) ? listOr(target[key.slice(ORDER.length)]) : [],
      );
  }
  return result;
}

function mergeList(field: string, target: unknown, patch: readonly unknown[]): readonly unknown[] {
  if (patch.some(item => isJsonObject(item) && item['$patch'] === 'replace'))
    return patch.filter(item => !isJsonObject(item) || item['$patch'] === undefined);
  if (MERGED_PRIMITIVES.has(field))
    return inOrder(field, [...new Set([...listOr(target), ...patch])], patch, listOr(target));
  const mergeKey = mergeKeyOf(field, [...patch, ...listOr(target)]);
  if (mergeKey === undefined) return patch;
  const result = [...listOr(target)];
  for (const item of patch) {
    if (!isJsonObject(item)) continue;
    const index = result.findIndex(old => isJsonObject(old) && isSameJson(old[mergeKey], item[mergeKey]));
    if (item['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(strategicMergePatch({}, item));
    else result[index] = strategicMergePatch(result[index], item);
  }
  return inOrder(field, result, patch, listOr(target));
}

/** `ports` merge by containerPort in a container and by port in a Service. */
function mergeKeyOf(field: string, items: readonly unknown[]): string | undefined {
  if (field !== 'ports') return MERGE_KEYS[field];
  return items.some(item => isJsonObject(item) && item['containerPort'] !== undefined) ? 'containerPort' : 'port';
}

/**
 * The list in the order that the patch names. An item that only the server has stays before those that it was before; what is new
 * comes first, as on the real server.
 */
function inOrder(
  field: string,
  items: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
): readonly unknown[] {
  const mergeKey = mergeKeyOf(field, [...items, ...order]);
  const identity = (item: unknown): unknown => (mergeKey !== undefined && isJsonObject(item) ? item[mergeKey] : item);
  const rankIn = (list: readonly unknown[], item: unknown): number =>
    list.findIndex(other => isSameJson(identity(other), identity(item)));
  const named = items.filter(item => rankIn(order, item) >= 0).sort((a, b) => rankIn(order, a) - rankIn(order, b));
  const others = items.filter(item => rankIn(order, item) < 0);
  const result: unknown[] = [];
  for (let next = named.shift(); next !== undefined; next = named.shift()) {
    const place = rankIn(before, next);
    while (others[0] !== undefined && rankIn(before, others[0]) < place) result.push(others.shift());
    result.push(next);
  }
  return [...result, ...others];
}

function withoutDirectives(patch: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(patch).filter(([key, value]) => !key.startsWith('$') && value !== null));
}
