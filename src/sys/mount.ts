import { callLibc } from './libc.ts';

export const MS_BIND = 0x1000;
export const MNT_DETACH = 2;

/** Mounts `source` at `target`; `fstype` is undefined for bind mounts. Same as: `mount [-t fstype] source target`. @throws SysError */
export function mountSync(source: string, target: string, fstype: string | undefined, flags: number): void {
  callLibc('mount', libc => libc.mount(source, target, fstype ?? null, flags, null), `"${target}"`);
}

/** Unmounts `target`. @throws SysError with code "EINVAL" when nothing is mounted there, "ENOENT" when it does not exist */
export function umountSync(target: string, flags: number): void {
  callLibc('umount2', libc => libc.umount2(target, flags), `"${target}"`);
}
