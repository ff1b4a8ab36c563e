import { type ErrorOptions, UnderlaneError } from '#base';

/** What can go wrong with the sandbox itself, as opposed to what runs in it. */
export type SandboxErrorCode =
  /** A program that the sandbox needs failed. Cure: see its own words in the message. */
  | 'COMMAND_FAILED'
  /** A program is not on PATH, or the machine lets nobody make namespaces. Cure: install what the message names. */
  | 'TOOL_MISSING'
  /** A manifest is no Kubernetes object, or of a kind that the sandbox does not apply. Cure: correct it, or apply it by kubectl. */
  | 'BAD_MANIFEST'
  /** A CNI configuration of a sandbox node cannot be used. Cure: correct the file that the message names. */
  | 'BAD_CONFIG'
  /** A pod's CNI call failed. Cure: see the message: it is the error that a cluster would show. */
  | 'CNI_FAILED'
  /** A process of the sandbox ended by itself. Cure: see the log that the message names. */
  | 'CHILD_DIED'
  /** No such sandbox, pod or network. Cure: see `underlane sandbox ls` and `kubectl get pods`. */
  | 'NOT_FOUND'
  /** A live check did not pass. Cure: see what it says it got. */
  | 'CHECK_FAILED';

export class SandboxError extends UnderlaneError {
  declare readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options);
  }
}
