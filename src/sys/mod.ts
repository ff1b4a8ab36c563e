/** The few system calls that Node lacks, with errno turned into typed errors. Nothing here knows what it is used for. */
export { becomeProgramSync, chrootSync } from './become-program.ts';
export { errnoName } from './errno.ts';
export { SysError } from './errors.ts';
export { tryLockSync } from './flock.ts';
export { MNT_DETACH, MS_BIND, mountSync, umountSync } from './mount.ts';
export { CLONE_NEWNET, setnsSync, unshareSync } from './namespace.ts';
export type { ReadinessWatch } from './readiness.ts';
export { watchReadable } from './readiness.ts';
export { attachFilterSync, bindSync, sendToSync, setsockoptSync, socketSync } from './socket.ts';
