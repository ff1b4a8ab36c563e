import type { CniRoute } from '#cni';
import type { WishContext } from '../../wishes/wishes.ts';
import { describe, wrong } from './asked-of-subnet.ts';
import { hasDefault, readRoutesText } from './kube-ovn-routes.ts';
import type { PodAnnotations } from './pod-annotations.ts';

/** Where an interface's traffic goes. */
export interface RoutesOfPod {
  readonly routes: readonly CniRoute[];
  /** The interface is the one that the pod's default route goes by: only then is it told its gateway. */
  readonly isDefaultRoute: boolean;
  /** A default route of this interface goes before those of the pod's others. */
  readonly takesDefaultRoute: boolean;
}

/**
 * The configuration's routes, then those of the annotation `routes`; `default_route` says which interface has the default route,
 * the pod's first one where it says nothing.
 * @throws IpamError BAD_ANNOTATION
 */
export function routesOfPod(
  annotations: PodAnnotations,
  configured: readonly CniRoute[],
  { pod, interface: own }: Pick<WishContext, 'pod' | 'interface'>,
): RoutesOfPod {
  const added = annotations.find('routes');
  const reading = added === undefined ? { routes: [] } : readRoutesText(added.text);
  if ('expected' in reading) {
    const by = added === undefined ? 'annotation routes' : describe(added, pod?.metadata);
    const text =
      reading.field === 'the list' ? (added?.text ?? '') : `${reading.field} ${JSON.stringify(reading.value)}`;
    throw wrong(by, text, reading.expected);
  }
  const routes = [...configured, ...reading.routes];
  // Not whether it is the default one: called by its own name, a plugin knows of no other.
  const isFirst = own.name === 'eth0';
  const flag = annotations.find('default_route');
  if (flag !== undefined && flag.text !== 'true' && flag.text !== 'false') {
    throw wrong(describe(flag, pod?.metadata), flag.text, '"true" or "false"');
  }
  const isDefaultRoute = flag === undefined ? isFirst : flag.text === 'true';
  return {
    routes,
    isDefaultRoute,
    takesDefaultRoute: !isFirst && (hasDefault(routes) || (isDefaultRoute && routes.length === 0)),
  };
}
