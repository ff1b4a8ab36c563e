import type { CniError } from './errors.ts';
import { type Field, fieldError, isJsonObject, type JsonObject, optionalList } from './json-object.ts';
import { ifnameProblem, isContainerId } from './names.ts';

/** One attachment that a runtime still knows. */
export interface ValidAttachment {
  readonly containerId: string;
  readonly ifname: string;
}

const KEY = 'cni.dev/valid-attachments';
/** What the reference library called it first, and still sends beside the other. */
const FORMER_KEY = 'cni.dev/attachments';

/**
 * The attachments that a GC leaves alone; undefined when the configuration does not say, and then nothing may go. An
 * empty list, or the `null` that Go prints for one, says that all may.
 * @throws CniError CNI_INVALID_CONFIG: an element that cannot be read must not cost a live pod its interface
 */
export function parseValidAttachments(config: JsonObject, source: string): readonly ValidAttachment[] | undefined {
  const path = [KEY, FORMER_KEY].find(key => config[key] !== undefined);
  if (path === undefined) return undefined;
  const field: Field = { source, path, code: 'CNI_INVALID_CONFIG' };
  return optionalList(config[path], field).map((item, index) =>
    parseOne(item, { ...field, path: `${path}[${index}]` }),
  );
}

/** The same as configuration keys, for a plugin that we exec: it may know either. */
export function formatValidAttachments(attachments: readonly ValidAttachment[]): JsonObject {
  const list = attachments.map(({ containerId, ifname }) => ({ containerID: containerId, ifname }));
  return { [KEY]: list, [FORMER_KEY]: list };
}

function parseOne(item: unknown, field: Field): ValidAttachment {
  if (!isJsonObject(item)) throw fieldError(field, item, 'an object');
  const { containerID, ifname } = item;
  const problem = (key: string, value: unknown, expected: string): CniError =>
    fieldError({ ...field, path: `${field.path}.${key}` }, value, expected);
  if (typeof containerID !== 'string' || !isContainerId(containerID)) {
    throw problem('containerID', containerID, 'a container ID');
  }
  if (typeof ifname !== 'string' || ifnameProblem(ifname) !== undefined) {
    throw problem('ifname', ifname, 'an interface name');
  }
  return { containerId: containerID, ifname };
}
