import { toTimestamp } from './api-object.ts';
import type { JsonObject } from './json.ts';
import { listOr, objectOr, textAt, valueAt } from './json.ts';
import type { FieldType, Message } from './protobuf-kinds.ts';
import { PROTOBUF_KINDS } from './protobuf-kinds.ts';
import { badRequest, StatusError } from './status-error.ts';

/** Before every object that Kubernetes writes as protobuf. */
const MAGIC = Buffer.from('k8s\0');
const ENVELOPE: Message = {
  1: ['typeMeta', { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] }],
  2: ['raw', 'bytes'],
  3: ['contentEncoding', 'string'],
  4: ['contentType', 'string'],
};

/**
 * The object in a body of type `application/vnd.kubernetes.protobuf`, which some kubectl commands send without offering another.
 * @throws StatusError 415 for a kind, or a field with something in it, that is not known here; it names the way around
 */
export function parseProtobufObject(body: Buffer): JsonObject {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw badRequest('the body of the request is no Kubernetes protobuf');
  const envelope = readMessage(body.subarray(MAGIC.length), ENVELOPE, 'the envelope');
  const { apiVersion, kind } = objectOr(envelope['typeMeta']);
  const name = `${textAt(envelope, 'typeMeta.apiVersion')} ${textAt(envelope, 'typeMeta.kind')}`;
  // DeleteOptions say the version of the group that they are sent to.
  const message = PROTOBUF_KINDS[kind === 'DeleteOptions' ? 'v1 DeleteOptions' : name];
  if (message === undefined) throw unsupported(name);
  return { apiVersion, kind, ...readMessage(Buffer.from(textAt(envelope, 'raw'), 'base64'), message, name) };
}

function readMessage(bytes: Buffer, message: Message, what: string): JsonObject {
  const result: Record<string, unknown> = {};
  for (const [number, value] of readFields(bytes)) {
    const field = message[number];
    // Go writes empty fields too; except in pointers to numbers and in lists they say nothing.
    const isEmpty = value === 0 || (typeof value !== 'number' && value.length === 0);
    if (field === undefined && !isEmpty) throw unsupported(`field ${number} of ${what}`);
    if (field === undefined || (isEmpty && field[1] !== 'int-or-zero' && field[2] === undefined)) continue;
    const [name, type, list] = field;
    const read = readValue(value, type, `${what}.${name}`);
    const before = result[name];
    if (list !== undefined) result[name] = [...listOr(before), read];
    else if (type === 'text-map' || type === 'bytes-map') result[name] = { ...objectOr(before), ...objectOr(read) };
    else result[name] = read;
  }
  return result;
}

/** Number and value of each field; the kinds known here use numbers and lengths of bytes only. */
function* readFields(bytes: Buffer): Generator<readonly [number: number, value: number | Buffer]> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1, byte = 0x80; byte >= 0x80; factor *= 128) {
      const next = bytes[at++];
      if (next === undefined) throw badRequest('the body of the request ends inside a protobuf field');
      byte = next;
      value += (byte & 0x7f) * factor;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    if (wireType !== 0 && wireType !== 2) throw unsupported(`wire type ${wireType} of field ${number}`);
    const size = varint();
    if (wireType === 0) {
      yield [number, size];
      continue;
    }
    if (at + size > bytes.length) throw badRequest('the body of the request ends inside a protobuf field');
    at += size;
    yield [number, bytes.subarray(at - size, at)];
  }
}

const MAP_ENTRY = (value: 'string' | 'bytes'): Message => ({ 1: ['key', 'string'], 2: ['value', value] });
const INT_OR_STRING: Message = { 1: ['type', 'int'], 2: ['intVal', 'int'], 3: ['strVal', 'string'] };

function readValue(value: number | Buffer, type: FieldType, what: string): unknown {
  if (typeof value === 'number') {
    if (type === 'int' || type === 'int-or-zero') return value;
    if (type === 'bool') return value !== 0;
    throw unsupported(`a number in ${what}`);
  }
  if (typeof type === 'object') return readMessage(value, type, what);
  switch (type) {
    case 'string':
      return value.toString('utf8');
    case 'bytes':
      return value.toString('base64');
    case 'time':
      return toTimestamp(Number(valueAt(readMessage(value, { 1: ['seconds', 'int'] }, what), 'seconds') ?? 0) * 1000);
    case 'int-or-string': {
      const { type: kind, intVal = 0, strVal = '' } = readMessage(value, INT_OR_STRING, what);
      return kind === 1 ? strVal : intVal;
    }
    case 'text-map':
    case 'bytes-map': {
      const entry = readMessage(value, MAP_ENTRY(type === 'text-map' ? 'string' : 'bytes'), what);
      return { [textAt(entry, 'key')]: textAt(entry, 'value') };
    }
    default:
      throw unsupported(`bytes in ${what}`);
  }
}

function unsupported(what: string): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request is in protobuf, of which this server does not read ${what}: write the object as YAML and use kubectl apply -f`,
  );
}
