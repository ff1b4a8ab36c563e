import { NETWORKS_ANNOTATION } from './annotation-keys.ts';
import { annotationError } from './annotation-place.ts';
import type { NetworkSelection } from './network-selection.ts';

/**
 * Interface names of a pod's extra networks: the requested one, else `net<N>` by position.
 *
 * @param taken names that the pod has already, `eth0` at least
 * @param first the position of the first: networks that nobody asked for come before
 * @throws NetworksError when two networks would get one name, or one that is taken
 */
export function assignInterfaceNames(
  selections: readonly NetworkSelection[],
  taken: readonly string[],
  first = 1,
): readonly string[] {
  const used = new Set(taken);
  return selections.map((selection, index) => {
    const name = selection.interface ?? `net${first + index}`;
    if (used.has(name)) {
      const place = { annotation: NETWORKS_ANNOTATION, index };
      throw annotationError(place, 'interface', name, 'a name that no other interface of the pod has');
    }
    used.add(name);
    return name;
  });
}
