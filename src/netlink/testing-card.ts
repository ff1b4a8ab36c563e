/** A network card with one virtual function, for tests: no machine of theirs has one. It answers as the kernel would. */
import { bytes, encodeAttributes, text } from './attribute.ts';
import { NetlinkError } from './errors.ts';
import type { VfSetting } from './fact.ts';
import { encodeLinkHeader, IFLA_IFNAME } from './link-message.ts';
import type { Request } from './message.ts';
import type { Decoder, RouteSocket } from './route-socket.ts';
import { listVfs, setVf } from './vf.ts';

export interface TestCard {
  /** Knows the card, and nothing else. */
  readonly socket: RouteSocket;
  settings(): readonly VfSetting[];
  /** As somebody else would. */
  set(setting: VfSetting): void;
}

const IFLA_VFINFO_LIST = 22;
const IFLA_VF_INFO = 1;
const IFINDEX = 2;
const VF = 1;
const ATTRIBUTE_HEADER = 4;

/**
 * @param name its physical function's interface
 * @param refused settings that its driver does not take
 */
export function createTestCard(
  name: string,
  before: readonly VfSetting[],
  refused: readonly VfSetting['name'][] = [],
): TestCard {
  /** Each setting as it came. */
  const held = new Map<VfSetting['name'], Uint8Array>();

  function answer(settings: Iterable<Uint8Array>): RouteSocket {
    const info = bytes(IFLA_VF_INFO, Buffer.concat([...settings]));
    const list = bytes(IFLA_VFINFO_LIST, encodeAttributes([info]));
    const message = Buffer.concat([
      encodeLinkHeader({ ifindex: IFINDEX }),
      encodeAttributes([text(IFLA_IFNAME, name), list]),
    ]);
    const fetch = <T>(_request: unknown, _action: string, decode: Decoder<T>) => decode(message, 0, message.length);
    // `as`: nobody asks for the rest.
    return { fetch, request: take } as unknown as RouteSocket;
  }

  function take({ attributes }: Request, action: string): void {
    // The list, in it the virtual function, in it the setting.
    const setting = Buffer.from(attributes[0]?.value.subarray(ATTRIBUTE_HEADER) ?? []);
    const [fact] = listVfs(answer([setting]), IFINDEX);
    const [decoded] = fact?.settings ?? [];
    if (decoded === undefined || refused.includes(decoded.name)) throw new NetlinkError(action, 'EOPNOTSUPP');
    held.set(decoded.name, setting);
  }

  const set = (setting: VfSetting): void => setVf(answer([]), IFINDEX, VF, setting);
  for (const setting of before) set(setting);
  const { request } = answer([]);
  const fetch: RouteSocket['fetch'] = (...asked) => answer(held.values()).fetch(...asked);
  return {
    // `as`: nobody asks for the rest.
    socket: { request, fetch } as unknown as RouteSocket,
    settings: () => listVfs(answer(held.values()), IFINDEX)[0]?.settings ?? [],
    set,
  };
}
