import { callLibc } from './libc.ts';

/** Returns a new socket's descriptor, which belongs for life to the network namespace that the calling thread is in. */
export function socketSync(domain: number, type: number, protocol: number): number {
  return callLibc('socket', libc => libc.socket(domain, type, protocol));
}

/** Binds a socket to an address, given as the bytes of its `struct sockaddr`. @throws SysError */
export function bindSync(fd: number, address: Uint8Array): void {
  callLibc('bind', libc => libc.bind(fd, address, address.length));
}

/**
 * Sets a socket option that takes a C `int`, or a struct, given as its bytes.
 * @throws SysError with code "ENOPROTOOPT" when the kernel does not know it
 */
export function setsockoptSync(fd: number, level: number, name: number, value: number | Uint8Array): void {
  const bytes = typeof value === 'number' ? int(value) : value;
  callLibc('setsockopt', libc => libc.setsockopt(fd, level, name, bytes, bytes.length));
}

/** Sends one datagram to an address, given as the bytes of its `struct sockaddr`. @throws SysError */
export function sendToSync(fd: number, data: Uint8Array, address: Uint8Array): void {
  callLibc('sendto', libc => libc.sendto(fd, data, data.length, 0, address, address.length));
}

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
/** `struct sock_filter`: u16 code, u8 jt, u8 jf, u32 k. */
const INSTRUCTION_SIZE = 8;
/** `struct sock_fprog`: u16 and a pointer. */
const PROGRAM_SIZE = 16;

/** Lets a socket receive only what a classic BPF program, given as its instructions' bytes, accepts. @throws SysError */
export function attachFilterSync(fd: number, filter: Uint8Array): void {
  const program = { len: filter.length / INSTRUCTION_SIZE, filter };
  callLibc('setsockopt', libc => libc.attachFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, PROGRAM_SIZE));
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
