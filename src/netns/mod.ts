/** Network namespaces: open, enter (synchronously only), create, delete, and the sysctls inside one. The only room that calls setns. */
export { createNamespace } from './create-namespace.ts';
export { deleteNamespace } from './delete-namespace.ts';
export { NetnsError } from './errors.ts';
export type { NetNamespace } from './net-namespace.ts';
export { openNamespace, openNamespaceIfThere, openOwnNamespace } from './net-namespace.ts';
export { runSync } from './run-sync.ts';
export { readSysctl, writeSysctl } from './sysctl.ts';
