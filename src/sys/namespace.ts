import { callLibc } from './libc.ts';

export const CLONE_NEWNET = 0x4000_0000;

/**
 * Moves the calling thread into the namespace behind `fd`. Only the `netns` room may call this: it is the one that
 * always comes back. @throws SysError with code "EINVAL" when `fd` is not a namespace of type `nstype`
 */
export function setnsSync(fd: number, nstype: number): void {
  callLibc('setns', libc => libc.setns(fd, nstype), `descriptor ${fd}`);
}

/** Moves the calling thread into new namespaces. As {@link setnsSync}, for the `netns` room only. @throws SysError */
export function unshareSync(flags: number): void {
  callLibc('unshare', libc => libc.unshare(flags));
}
