/** Puts Underlane on a node: the program and the configuration that runtimes call it by, in front of the primary network. */
export type { InstallErrorCode } from './errors.ts';
export { InstallError } from './errors.ts';
export type { InstallReport, KeepInstalledOptions } from './keep-installed.ts';
export { keepInstalled } from './keep-installed.ts';
export { findDistDir, programNames, readProgram } from './program.ts';
export type { Installation } from './put-on-node.ts';
export { install } from './put-on-node.ts';
export type { ConfWishes } from './settle-conf.ts';
export type { Installed } from './uninstall.ts';
export { uninstall } from './uninstall.ts';
