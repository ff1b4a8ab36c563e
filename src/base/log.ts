import { pino } from 'pino';

/** One line of JSON an event: a constant message, the variables as fields. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Log;
}

export type LogFields = Readonly<Record<string, unknown>>;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A log that writes to stderr, synchronously: a daemon that dies must not lose its last line. */
export function createLog(level: LogLevel, fields: LogFields = {}): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: label => ({ level: label }) } },
    pino.destination({ dest: 2, sync: true }),
  ).child({ ...fields });
}

/** A log that says nothing, for tests and for library use. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
