import type { KubeObject } from '../object.ts';

/** Spiderpool puts it on every object whose content it keeps, so that none goes before it has seen to it. */
const FINALIZER = 'spiderpool.spidernet.io';

/** Whether Spiderpool itself keeps an object, and hands its addresses out. Who takes it over takes the finalizer off: nobody else would. */
export function isSpiderpools({ metadata }: KubeObject): boolean {
  return metadata.finalizers?.includes(FINALIZER) === true;
}
