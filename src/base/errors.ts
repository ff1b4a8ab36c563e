/** A failure with a stable code, plain loggable details and, where known, whether trying again can help. */
export class UnderlaneError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Decided where the error is created, never by matching text. */
  readonly retriable: boolean;

  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
    this.retriable = options.retriable ?? false;
  }
}

export interface ErrorOptions {
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retriable?: boolean;
}

/** The message of anything thrown, for logs and for wrapping. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of anything thrown: ours, Node's (`ENOENT`), or `UNKNOWN`. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'UNKNOWN';
}
