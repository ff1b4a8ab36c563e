import { isJsonObject, type JsonObject } from '#cni';

/** A result with what cannot be equal in two runs replaced: MACs, and the names of host ends that plugins make up. */
export function comparable(result: JsonObject): JsonObject {
  const { interfaces } = result;
  if (!Array.isArray(interfaces)) return result;
  return { ...result, interfaces: interfaces.map(comparableInterface) };
}

function comparableInterface(link: unknown): unknown {
  if (!isJsonObject(link)) return link;
  const { name, mac } = link;
  return {
    ...link,
    ...(typeof name === 'string' && name.startsWith('veth') ? { name: 'veth...' } : {}),
    ...(typeof mac === 'string' && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) ? { mac: 'a MAC' } : {}),
  };
}
