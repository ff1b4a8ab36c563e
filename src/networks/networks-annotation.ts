import { DEFAULT_NETWORK_ANNOTATION, NETWORKS_ANNOTATION } from './annotation-keys.ts';
import type { AnnotationPlace } from './annotation-place.ts';
import { annotationError } from './annotation-place.ts';
import { parseJsonElements } from './json-form.ts';
import type { NetworkSelection } from './network-selection.ts';
import { parseShortElements } from './short-form.ts';

/** Beside the default one. Far more than a pod has use for; a list without bounds would keep the node busy for all others. */
export const MAX_NETWORKS = 32;

/**
 * The networks that a pod's `k8s.v1.cni.cncf.io/networks` annotation asks for, in order; none for a blank text.
 * Both forms of the standard: `ns/name@ifname, ...` and a JSON array of objects. Elements without a namespace get the pod's.
 *
 * @throws NetworksError naming annotation, element, field, value and what was expected
 */
export function parseNetworksAnnotation(text: string, podNamespace: string): readonly NetworkSelection[] {
  const place = { annotation: NETWORKS_ANNOTATION };
  const selections = parseElements(place, text, podNamespace);
  if (selections.length > MAX_NETWORKS) {
    throw annotationError(place, 'number of networks', selections.length, `at most ${MAX_NETWORKS}`);
  }
  refuseSharedNames(selections);
  return selections;
}

/**
 * The one network of a pod's `v1.multus-cni.io/default-network` annotation; undefined for a blank text.
 *
 * @param namespace where a network without a namespace is looked for
 * @throws NetworksError, also when the text names several networks
 */
export function parseDefaultNetworkAnnotation(text: string, namespace: string): NetworkSelection | undefined {
  const place = { annotation: DEFAULT_NETWORK_ANNOTATION };
  const selections = parseElements(place, text, namespace);
  if (selections.length > 1) throw annotationError(place, '', text, `one network, not ${selections.length}`);
  const selection = selections[0];
  // The runtime looks for the interface under the name that it gave, and nowhere else.
  if (selection?.interface !== undefined) {
    throw annotationError(
      { ...place, index: 0 },
      'interface',
      selection.interface,
      'no interface name: the runtime names the default one',
    );
  }
  return selection;
}

function parseElements(place: AnnotationPlace, text: string, namespace: string): readonly NetworkSelection[] {
  if (text.trim() === '') return [];
  // The standard's own test: these three characters cannot occur in the short form.
  return /[[{"]/.test(text) ? parseJsonElements(place, text, namespace) : parseShortElements(place, text, namespace);
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
