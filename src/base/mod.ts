/** What every room stands on: errors, log, clock, queue, whole files, watched paths. Nothing of what Underlane is about. */
export type { Clock } from './clock.ts';
export { steadyClock, systemClock } from './clock.ts';
export type { ErrorOptions } from './errors.ts';
export { codeOf, messageOf, UnderlaneError } from './errors.ts';
export type { JsonObject } from './json-object.ts';
export { isJsonObject } from './json-object.ts';
export type { Aside, KeyedQueue } from './keyed-queue.ts';
export { createKeyedQueue } from './keyed-queue.ts';
export type { Log, LogFields, LogLevel } from './log.ts';
export { createLog, silentLog } from './log.ts';
export type { LoopShare } from './loop-share.ts';
export { createLoopShare } from './loop-share.ts';
export { readPlainFileSync } from './read-plain-file.ts';
export { replaceFile, replaceFileSync, syncFolder, syncFolderSync } from './replace-file.ts';
export { watchPath } from './watch-path.ts';
export type { WrongValue } from './wrong-value.ts';
export { describeWrongValue, showValue } from './wrong-value.ts';
