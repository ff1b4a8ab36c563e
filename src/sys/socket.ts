import { callLibc } from './libc.ts';

/** Returns a new socket's descriptor, which belongs for life to the network namespace that the calling thread is in. */
export function socketSync(domain: number, type: number, protocol: number): number {
  return callLibc('socket', libc => libc.socket(domain, type, protocol));
}

/** Binds a socket to an address, given as the bytes of its `struct sockaddr`. @throws SysError */
export function bindSync(fd: number, address: Uint8Array): void {
  callLibc('bind', libc => libc.bind(fd, address, address.length));
}

/** Sets a socket option that takes a C `int`. @throws SysError with code "ENOPROTOOPT" when the kernel does not know it */
export function setsockoptSync(fd: number, level: number, name: number, value: number): void {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  callLibc('setsockopt', libc => libc.setsockopt(fd, level, name, bytes, bytes.length));
}
