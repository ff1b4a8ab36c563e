import type { ControllerDeps } from '../deps.ts';
import type { PoolSize } from './pool-size.ts';
import { poolText } from './pool-size.ts';

/** Something about a pool that people should know. */
export interface Alarm {
  readonly pool: PoolSize;
  readonly reason: 'PoolExhausted' | 'ForeignAllocations';
  readonly message: string;
}

/** Tells of alarms by Events on the objects in which people would change the pool: once, until they have ended. */
export interface Alarms {
  /** @param alarms all that there are now */
  tell(alarms: readonly Alarm[]): void;
}

export function createAlarms(events: ControllerDeps['events']): Alarms {
  let told = new Set<string>();
  const keyOf = ({ pool, reason }: Alarm): string => `${reason} ${poolText(pool.key)}`;
  return {
    tell(alarms) {
      for (const alarm of alarms) {
        if (told.has(keyOf(alarm))) continue;
        for (const subject of alarm.pool.subjects) events.record(subject, 'Warning', alarm.reason, alarm.message);
      }
      told = new Set(alarms.map(keyOf));
    },
  };
}
