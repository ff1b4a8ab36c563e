import { DEFAULT_NETWORK_ANNOTATION, NETWORKS_ANNOTATION } from './annotation-keys.ts';
import type { AnnotationPlace } from './annotation-place.ts';
import { annotationError } from './annotation-place.ts';
import { parseJsonElements } from './json-form.ts';
import type { NetworkSelection } from './network-selection.ts';
import { parseShortElements } from './short-form.ts';

/** Beside the default one. Far more than a pod has use for; a list without bounds would keep the node busy for all others. */
export const MAX_NETWORKS = 32;

/** What an annotation asks for, and what in it means nothing: sentences for the pod's Events and for lint. */
export interface AnnotatedNetworks {
  readonly networks: readonly NetworkSelection[];
  readonly warnings: readonly string[];
}

/**
 * The networks that a pod's `k8s.v1.cni.cncf.io/networks` annotation asks for, in order; none for a blank text.
 * Both forms of the standard: `ns/name@ifname, ...` and a JSON array of objects. Elements without a namespace get the pod's.
 *
 * @throws NetworksError naming annotation, element, field, value and what was expected
 */
export function parseNetworksAnnotation(text: string, podNamespace: string): AnnotatedNetworks {
  const place = { annotation: NETWORKS_ANNOTATION };
  const parsed = parseElements(place, text, podNamespace);
  if (parsed.networks.length > MAX_NETWORKS) {
    throw annotationError(place, 'number of networks', parsed.networks.length, `at most ${MAX_NETWORKS}`);
  }
  refuseSharedNames(parsed.networks);
  refuseSharedDefaultRoutes(parsed.networks);
  refuseSharedClaims(parsed.networks);
  return parsed;
}

/**
 * The one network of a pod's `v1.multus-cni.io/default-network` annotation; none for a blank text.
 *
 * @param namespace where a network without a namespace is looked for
 * @throws NetworksError, also when the text names several networks
 */
export function parseDefaultNetworkAnnotation(text: string, namespace: string): AnnotatedNetworks {
  const place = { annotation: DEFAULT_NETWORK_ANNOTATION };
  const parsed = parseElements(place, text, namespace);
  if (parsed.networks.length > 1) {
    throw annotationError(place, '', text, `one network, not ${parsed.networks.length}`);
  }
  const ifname = parsed.networks[0]?.interface;
  // The runtime looks for the interface under the name that it gave, and nowhere else.
  if (ifname !== undefined) {
    throw annotationError(
      { ...place, index: 0 },
      'interface',
      ifname,
      'no interface name: the runtime names the default one',
    );
  }
  return parsed;
}

function parseElements(place: AnnotationPlace, text: string, namespace: string): AnnotatedNetworks {
  if (text.trim() === '') return { networks: [], warnings: [] };
  const warnings: string[] = [];
  // The standard's own test: these three characters cannot occur in the short form.
  const networks = /[[{"]/.test(text)
    ? parseJsonElements(place, text, namespace, warning => warnings.push(warning))
    : parseShortElements(place, text, namespace);
  return { networks, warnings };
}

function refuseSharedNames(selections: readonly NetworkSelection[]): void {
  const seen = new Map<string, number>();
  for (const [index, { interface: name }] of selections.entries()) {
    if (name === undefined) continue;
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      const place = { annotation: NETWORKS_ANNOTATION, index };
      throw annotationError(place, 'interface', name, `a name that element ${earlier} does not have`);
    }
    seen.set(name, index);
  }
}

/** What an IPAMClaim keeps are one interface's addresses. */
function refuseSharedClaims(selections: readonly NetworkSelection[]): void {
  for (const [index, { ipamClaim }] of selections.entries()) {
    const earlier = ipamClaim === undefined ? index : selections.findIndex(other => other.ipamClaim === ipamClaim);
    if (earlier === index) continue;
    const place = { annotation: NETWORKS_ANNOTATION, index };
    throw annotationError(place, 'ipam-claim-reference', ipamClaim, `one that element ${earlier} does not refer to`);
  }
}

/** One interface has a family's default route; several gateways on it share the traffic. */
function refuseSharedDefaultRoutes(selections: readonly NetworkSelection[]): void {
  const seen = new Map<string, number>();
  for (const [index, { defaultRoute }] of selections.entries()) {
    for (const family of new Set(defaultRoute?.map(gateway => (gateway.includes(':') ? 'IPv6' : 'IPv4')))) {
      const earlier = seen.get(family);
      if (earlier !== undefined) {
        const place = { annotation: NETWORKS_ANNOTATION, index };
        const expected = `no ${family} gateway: element ${earlier} has the pod's ${family} default route already`;
        throw annotationError(place, 'default-route', defaultRoute, expected);
      }
      seen.set(family, index);
    }
  }
}
