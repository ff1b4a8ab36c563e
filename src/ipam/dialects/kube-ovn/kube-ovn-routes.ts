import type { CniRoute } from '#cni';
import { type Family, findIp, findPrefix, formatPrefix } from '#ip';

/** Where default routes lead. */
export const ANYWHERE: Readonly<Record<Family, string>> = { 4: '0.0.0.0/0', 6: '::/0' };

/** A route as Kube-OVN has it: without `dst` it is the default route of its gateway's family. */
export interface KubeOvnRoute {
  readonly dst?: string;
  readonly gw?: string;
}

/** What a list of such routes says, or the first thing that is wrong in it. */
export type RoutesReading =
  | { readonly routes: readonly CniRoute[] }
  | { readonly field: string; readonly value: unknown; readonly expected: string };

/** Reads routes of a configuration or an annotation. Host bits of `dst` mean nothing. */
export function readRoutes(list: readonly KubeOvnRoute[]): RoutesReading {
  const routes: CniRoute[] = [];
  for (const [index, { dst = '', gw = '' }] of list.entries()) {
    const gateway = gw === '' ? undefined : findIp(gw);
    if (gw !== '' && gateway === undefined)
      return { field: `routes[${index}].gw`, value: gw, expected: 'an IP address' };
    if (dst === '') {
      if (gateway === undefined) return { field: `routes[${index}]`, value: list[index], expected: 'dst, gw or both' };
      routes.push({ dst: ANYWHERE[gateway.family], gw });
      continue;
    }
    const prefix = findPrefix(dst);
    if (prefix === undefined)
      return { field: `routes[${index}].dst`, value: dst, expected: 'a prefix like 10.0.0.0/8' };
    if (gateway !== undefined && gateway.family !== prefix.family) {
      const expected = `an IPv${prefix.family} address, as routes[${index}].dst is one`;
      return { field: `routes[${index}].gw`, value: gw, expected };
    }
    routes.push({ dst: formatPrefix(prefix), ...(gateway === undefined ? {} : { gw }) });
  }
  return { routes };
}

/** Reads the annotation `routes`: JSON. */
export function readRoutesText(text: string): RoutesReading {
  const wrong = { field: 'the list', value: text, expected: 'JSON like [{"dst":"10.9.0.0/24","gw":"172.17.0.254"}]' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return wrong;
  }
  if (!Array.isArray(parsed)) return wrong;
  const list: KubeOvnRoute[] = [];
  for (const item of parsed as readonly unknown[]) {
    if (!isRoute(item)) return wrong;
    list.push(item);
  }
  return readRoutes(list);
}

function isRoute(item: unknown): item is KubeOvnRoute {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return false;
  return Object.entries(item).every(([key, value]) => (key === 'dst' || key === 'gw') && typeof value === 'string');
}

/** Whether routes hold one that everything else goes by. */
export function hasDefault(routes: readonly CniRoute[]): boolean {
  return routes.some(({ dst }) => Object.values(ANYWHERE).includes(dst));
}
