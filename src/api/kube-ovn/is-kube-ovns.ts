import type { KubeObject } from '../object.ts';

/** Kube-OVN puts one on every object whose content it keeps; the shorter one is of versions before 1.13. */
export const KUBE_OVN_FINALIZERS: readonly string[] = ['kubeovn.io/kube-ovn-controller', 'kube-ovn-controller'];

/** Whether Kube-OVN itself keeps an object, and hands its addresses out. Who takes it over takes the finalizer off. */
export function isKubeOvns({ metadata }: KubeObject): boolean {
  return metadata.finalizers?.some(finalizer => KUBE_OVN_FINALIZERS.includes(finalizer)) === true;
}
