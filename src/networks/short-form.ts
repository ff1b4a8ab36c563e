import type { AnnotationPlace } from './annotation-place.ts';
import { annotationError } from './annotation-place.ts';
import { parseInterfaceName, parseLabel } from './element-fields.ts';
import type { NetworkSelection } from './network-selection.ts';

const GRAMMAR = '[<namespace>/]<name>[@<interface>]';

/** Parses `[<namespace>/]<name>[@<interface>]`, separated by commas. */
export function parseShortElements(
  place: AnnotationPlace,
  text: string,
  namespace: string,
): readonly NetworkSelection[] {
  return text.split(',').map((item, index) => parseElement({ ...place, index }, item.trim(), namespace));
}

function parseElement(place: AnnotationPlace, item: string, namespace: string): NetworkSelection {
  if (item === '') throw annotationError(place, '', item, GRAMMAR);
  const [path = '', ifname, ...moreNames] = item.split('@').map(part => part.trim());
  const parts = path.split('/').map(part => part.trim());
  if (moreNames.length > 0 || parts.length > 2) {
    throw annotationError(place, '', item, `${GRAMMAR}, with at most one "/" and one "@"`);
  }
  const name = parts[parts.length - 1] ?? '';
  return {
    namespace: parts.length === 2 ? parseLabel(place, 'namespace', parts[0] ?? '') : namespace,
    name: parseLabel(place, 'name', name),
    ...(ifname === undefined ? {} : { interface: parseInterfaceName(place, 'interface', ifname) }),
  };
}
