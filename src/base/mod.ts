/** What every room stands on: errors, log, clock, queue. Nothing else ever. */
export type { Clock } from './clock.ts';
export { systemClock } from './clock.ts';
export type { ErrorOptions } from './errors.ts';
export { codeOf, messageOf, UnderlaneError } from './errors.ts';
export type { KeyedQueue } from './keyed-queue.ts';
export { createKeyedQueue } from './keyed-queue.ts';
export type { Log, LogFields, LogLevel } from './log.ts';
export { createLog, silentLog } from './log.ts';
export type { LoopShare } from './loop-share.ts';
export { createLoopShare } from './loop-share.ts';
export type { WrongValue } from './wrong-value.ts';
export { describeWrongValue, showValue } from './wrong-value.ts';
