import { describeWrongValue } from '#base';
import { CniError } from './errors.ts';

/** Container IDs and network names. Spec: https://www.cni.dev/docs/spec/#parameters */
const PLAIN_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** IFNAMSIZ less the closing NUL. */
const IFNAME_MAX_BYTES = 15;

/** Whether `text` can be a CNI_CONTAINERID. */
export function isContainerId(text: string): boolean {
  return PLAIN_NAME.test(text);
}

/** Whether `text` can name a CNI network. */
export function isNetworkName(text: string): boolean {
  return PLAIN_NAME.test(text);
}

/** Why the kernel would refuse `ifname` as an interface's name, as the end of a sentence; undefined when it is fine. */
export function ifnameProblem(ifname: string): string | undefined {
  if (ifname === '') return 'interface name is empty';
  // A half of a character would reach the kernel as another one, and never be found under its name again.
  if (!ifname.isWellFormed()) return 'interface name is no well-formed text';
  const bytes = Buffer.byteLength(ifname);
  if (bytes > IFNAME_MAX_BYTES)
    return `interface name is too long: ${bytes} bytes, expected at most ${IFNAME_MAX_BYTES}`;
  if (ifname === '.' || ifname === '..') return 'interface name is . or ..';
  if (/[/:\s]/u.test(ifname)) return 'interface name contains / or : or whitespace characters';
  // Control characters (NUL above all) would reach the kernel cut short or unprintable.
  if (/\p{Cc}/u.test(ifname)) return 'interface name contains control characters';
  return undefined;
}

/** Whether `type` can name a program in a plugin directory and nothing outside it. */
export function isPluginType(type: string): boolean {
  return PLAIN_NAME.test(type);
}

/** @throws CniError CNI_INVALID_CONFIG when `type` is not a plain file name */
export function requirePluginType(type: string, source: string): void {
  if (isPluginType(type)) return;
  const wrong = { doing: `use ${source}`, field: 'type', value: type, expected: 'a plain file name' };
  throw new CniError('CNI_INVALID_CONFIG', describeWrongValue(wrong), { details: { source, type } });
}
