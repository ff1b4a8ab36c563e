import { type ErrorOptions, UnderlaneError } from '#base';

/** Codes of this room. */
export type InstallErrorCode =
  /** A file of somebody else has the name of ours; it is left as it is. Cure: move it away, or name another directory. */
  | 'FOREIGN_FILE'
  /** The program that container runtimes call is not where it should be. Cure: `npm run build`, or copy the whole dist. */
  | 'PROGRAM_MISSING'
  /** The record of what was installed cannot be read. Cure: look at the file; without it, `underlane uninstall` goes by what it finds. */
  | 'INSTALL_RECORD'
  /** The node refuses to have a file or directory written or removed. Cure: the message says which and why: a read-only or full disk, other users' rights. */
  | 'NODE_FILE'
  /** No network that Underlane could be put in front of. Cure: install the cluster's primary CNI first, or name a clusterNetwork. */
  | 'NO_PRIMARY';

/** What cannot be put on a node. */
export class InstallError extends UnderlaneError {
  declare readonly code: InstallErrorCode;

  constructor(code: InstallErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options);
  }
}
