import { createRequire } from 'node:module';
import { SysError } from './errors.ts';

/** The C functions that we call. Each returns -1 on failure and leaves the reason in errno. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  /** SO_ATTACH_FILTER, the one option whose value holds a pointer. */
  attachFilter(fd: number, level: number, name: number, program: FilterProgram, length: number): number;
  sendto(fd: number, data: Uint8Array, size: number, flags: number, address: Uint8Array, length: number): number;
  setns(fd: number, nstype: number): number;
  unshare(flags: number): number;
  mount(source: string, target: string, fstype: string | null, flags: number, data: null): number;
  umount2(target: string, flags: number): number;
  flock(fd: number, operation: number): number;
  fcntl(fd: number, operation: number, value: number): number;
  chroot(path: string): number;
  execve(path: string, argv: readonly (string | null)[], envp: readonly (string | null)[]): number;
}

/** `struct sock_fprog` of linux/filter.h. */
export interface FilterProgram {
  /** Instructions. */
  readonly len: number;
  readonly filter: Uint8Array;
}

type Koffi = typeof import('koffi');

// A library handle, opened once a process on first use: opening it costs 10 ms, which `--help` need not pay.
let opened: { readonly koffi: Koffi; readonly libc: Libc } | undefined;

/** koffi, from beside the bundle or from node_modules: a bundler must not see the import, since it cannot inline the binary. */
export function loadKoffi(): Koffi {
  return open().koffi;
}

/** Calls a C function and returns its result. @throws SysError when that is negative */
export function callLibc(syscall: keyof Libc, call: (libc: Libc) => number, subject?: string): number {
  const { koffi, libc } = open();
  const result = call(libc);
  if (result < 0) throw new SysError(syscall, koffi.errno(), subject);
  return result;
}

function open(): { readonly koffi: Koffi; readonly libc: Libc } {
  if (opened !== undefined) return opened;
  // `as`: require() is untyped, and koffi's own declarations say what it returns.
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  // null: the symbols of the running program, which has the C library linked in, glibc or musl.
  const program = koffi.load(null);
  koffi.struct('sock_fprog', { len: 'uint16_t', filter: 'const void *' });
  const libc: Libc = {
    socket: program.func('int socket(int domain, int type, int protocol)'),
    bind: program.func('int bind(int fd, const void *address, uint32_t length)'),
    setsockopt: program.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
    attachFilter: program.func('setsockopt', 'int', ['int', 'int', 'int', 'const sock_fprog *', 'uint32_t']),
    sendto: program.func(
      'long sendto(int fd, const void *data, size_t size, int flags, const void *address, uint32_t length)',
    ),
    setns: program.func('int setns(int fd, int nstype)'),
    unshare: program.func('int unshare(int flags)'),
    mount: program.func(
      'int mount(const char *source, const char *target, const char *fstype, unsigned long flags, const void *data)',
    ),
    umount2: program.func('int umount2(const char *target, int flags)'),
    flock: program.func('int flock(int fd, int operation)'),
    // Variadic in C; on Linux an int is passed the same way.
    fcntl: program.func('int fcntl(int fd, int operation, int value)'),
    chroot: program.func('int chroot(const char *path)'),
    execve: program.func('int execve(const char *path, const char **argv, const char **envp)'),
  };
  opened = { koffi, libc };
  return opened;
}
