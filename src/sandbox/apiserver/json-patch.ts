import { isJsonObject, isSameJson, toText } from './json.ts';
import { badRequest, StatusError } from './status-error.ts';

/** The result of a JSON patch (RFC 6902). A failing `test` or a path that does not exist fails the whole patch. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: a JSON patch must be a list of operations');
  return patch.reduce<unknown>(applyOperation, target);
}

function applyOperation(target: unknown, operation: unknown): unknown {
  if (!isJsonObject(operation)) throw badRequest('error decoding patch: an operation must be an object');
  const path = pointer(operation['path']);
  switch (operation['op']) {
    case 'add':
      return write(target, path, operation['value'], 'add');
    case 'replace':
      return write(target, path, operation['value'], 'replace');
    case 'remove':
      return write(target, path, undefined, 'remove');
    case 'test':
      if (!isSameJson(read(target, path), operation['value']))
        throw failed(`testing path ${toText(operation['path'])} failed`);
      return target;
    case 'copy':
      return write(target, path, read(target, pointer(operation['from'])), 'add');
    case 'move': {
      const from = pointer(operation['from']);
      const value = read(target, from);
      return write(write(target, from, undefined, 'remove'), path, value, 'add');
    }
    default:
      throw failed(`unexpected kind: ${toText(operation['op'])}`);
  }
}

function read(target: unknown, path: readonly string[]): unknown {
  return path.reduce((value: unknown, step) => child(value, step), target);
}

function write(target: unknown, path: readonly string[], value: unknown, how: 'add' | 'replace' | 'remove'): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return how === 'remove' ? null : value;
  if (rest.length > 0) return withChild(target, step, write(child(target, step), rest, value, how));
  if (Array.isArray(target)) {
    const index = step === '-' ? target.length : Number(step);
    const limit = how === 'add' ? target.length : target.length - 1;
    if (!Number.isInteger(index) || index < 0 || index > limit) throw failed(`index out of bounds: ${step}`);
    return target.toSpliced(index, how === 'add' ? 0 : 1, ...(how === 'remove' ? [] : [value]));
  }
  if (how !== 'add') child(target, step);
  if (!isJsonObject(target)) throw failed(`missing path: ${step}`);
  const { [step]: _, ...others } = target;
  return how === 'remove' ? others : { ...others, [step]: value };
}

function child(value: unknown, step: string): unknown {
  const found = Array.isArray(value) ? value[Number(step)] : isJsonObject(value) ? value[step] : undefined;
  if (found === undefined) throw failed(`missing value at "${step}"`);
  return found;
}

function withChild(target: unknown, step: string, value: unknown): unknown {
  if (Array.isArray(target)) return target.with(Number(step), value);
  return isJsonObject(target) ? { ...target, [step]: value } : value;
}

function pointer(path: unknown): readonly string[] {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/')))
    throw failed(`path ${JSON.stringify(path)} is no JSON pointer`);
  return path
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function failed(why: string): StatusError {
  return new StatusError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`);
}
