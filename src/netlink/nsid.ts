import type { NetNamespace } from '#netns';
import { forEachAttribute, i32, u32 } from './attribute.ts';
import { NetlinkError } from './errors.ts';
import type { RouteSocket } from './route-socket.ts';

const RTM_NEWNSID = 88;
const RTM_GETNSID = 90;
const NETNSA_NSID = 1;
const NETNSA_FD = 3;
/** "Not assigned" in answers, "choose one" in requests. */
const NETNSA_NSID_NOT_ASSIGNED = -1;

/**
 * The id under which the socket's namespace knows another one, assigned if it has none yet. Ids stay for as long
 * as both namespaces live.
 * Same as: `ip -n HERE netns set OTHER auto`, then `ip -n HERE netns list-id`
 *
 * @throws NetlinkError with code "EINVAL" when `other` is not a network namespace
 */
export function ensureNsid(socket: RouteSocket, other: NetNamespace): number {
  const known = getNsid(socket, other);
  if (known !== NETNSA_NSID_NOT_ASSIGNED) return known;
  try {
    const attributes = [i32(NETNSA_NSID, NETNSA_NSID_NOT_ASSIGNED), u32(NETNSA_FD, other.fd)];
    socket.request({ type: RTM_NEWNSID, header: encodeHeader(), attributes }, `give namespace "${other.path}" an id`);
  } catch (error) {
    // The kernel assigns one by itself when it first reports a link between the two: it may have been faster.
    if (!(error instanceof NetlinkError && error.code === 'EEXIST')) throw error;
  }
  return getNsid(socket, other);
}

function getNsid(socket: RouteSocket, other: NetNamespace): number {
  const action = `get the id of namespace "${other.path}"`;
  return socket.fetch(
    { type: RTM_GETNSID, header: encodeHeader(), attributes: [u32(NETNSA_FD, other.fd)] },
    action,
    decodeNsid,
  );
}

/** `struct rtgenmsg`: u8 family, here AF_UNSPEC. */
function encodeHeader(): Buffer {
  return Buffer.alloc(1);
}

function decodeNsid(buffer: Buffer, start: number, end: number): number | undefined {
  let nsid: number | undefined;
  forEachAttribute(buffer, start + 4, end, (type, from) => {
    if (type === NETNSA_NSID) nsid = buffer.readInt32LE(from);
  });
  return nsid;
}
