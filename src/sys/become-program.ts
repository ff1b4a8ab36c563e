import { callLibc } from './libc.ts';

/** Makes a directory this process's root, and its working directory. Same as: `chroot root`. @throws SysError */
export function chrootSync(root: string): void {
  callLibc('chroot', libc => libc.chroot(root), `"${root}"`);
  process.chdir('/');
}

const F_SETFD = 2;

/**
 * Turns this process into a program, with its environment, stdio and process ID. Never returns. Same as: `exec program` of a
 * shell. Must be the last thing that a process does: no handler for its exit runs.
 * @throws SysError with code "ENOENT" when it is not there, "ETXTBSY" while its file is being written
 */
export function becomeProgramSync(program: string): never {
  // Node closes even these three on exec.
  for (const fd of [0, 1, 2]) callLibc('fcntl', libc => libc.fcntl(fd, F_SETFD, 0));
  const environment = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  callLibc('execve', libc => libc.execve(program, [program, null], [...environment, null]), `"${program}"`);
  throw new RangeError('execve() returned');
}
