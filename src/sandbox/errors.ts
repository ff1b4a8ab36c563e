import { type ErrorOptions, UnderlaneError } from '#base';

/** What can go wrong with the sandbox itself, as opposed to what runs in it. */
export type SandboxErrorCode =
  | 'COMMAND_FAILED'
  | 'TOOL_MISSING'
  | 'BAD_MANIFEST'
  | 'BAD_CONFIG'
  | 'CNI_FAILED'
  | 'CHILD_DIED'
  | 'NOT_FOUND'
  | 'CHECK_FAILED';

export class SandboxError extends UnderlaneError {
  declare readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options);
  }
}
