/** When a CronJob is due, in UTC: five fields of minutes, hours, days, months and weekdays. */
export type CronSchedule = (minute: Date) => boolean;

interface Field {
  readonly first: number;
  readonly last: number;
  /** What some of the numbers are called, from `first` on. */
  readonly names?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { first: 0, last: 59 },
  { first: 0, last: 23 },
  { first: 1, last: 31 },
  { first: 1, last: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  // Sunday is 0, and 7 too.
  { first: 0, last: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

const SHORT_FORMS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** @throws Error naming the field that cannot be read */
export function parseSchedule(text: string): CronSchedule {
  const parts = (SHORT_FORMS[text.trim()] ?? text).trim().toLowerCase().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    throw new Error(`schedule is "${text}", expected five fields such as "*/5 * * * *", or one like "@hourly"`);
  }
  const sets = FIELDS.map((field, index) => parseField(parts[index] ?? '', field, text));
  const has = (index: number, value: number): boolean => sets[index]?.has(value) === true;
  const isAny = (index: number): boolean => /^[*?]/.test(parts[index] ?? '');
  return minute => {
    const isDay = has(2, minute.getUTCDate());
    const weekday = minute.getUTCDay();
    const isWeekday = has(4, weekday) || (weekday === 0 && has(4, 7));
    // As cron has it: where both are restricted, either is enough.
    const isDate = isAny(2) || isAny(4) ? isDay && isWeekday : isDay || isWeekday;
    return has(0, minute.getUTCMinutes()) && has(1, minute.getUTCHours()) && has(3, minute.getUTCMonth() + 1) && isDate;
  };
}

function parseField(text: string, field: Field, whole: string): ReadonlySet<number> {
  return new Set(
    text.split(',').flatMap(part => {
      const [, range = '', from, to, step = '1'] =
        /^(\*|\?|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/.exec(part) ?? [];
      const first = from === undefined ? field.first : numberOf(from, field);
      const isOpen = from === undefined || (to === undefined && part.includes('/'));
      const last = isOpen ? field.last : numberOf(to ?? from, field);
      if (range === '' || first === undefined || last === undefined || last < first || Number(step) < 1) {
        throw new Error(
          `schedule is "${whole}": "${part}" is none of the numbers from ${field.first} to ${field.last}, "*", ranges and steps`,
        );
      }
      const count = Math.floor((last - first) / Number(step)) + 1;
      return Array.from({ length: count }, (_, index) => first + index * Number(step));
    }),
  );
}

function numberOf(text: string, { first, last, names = [] }: Field): number | undefined {
  const named = names.indexOf(text);
  const number = named >= 0 ? first + named : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return number >= first && number <= last ? number : undefined;
}

const MINUTE_MS = 60_000;

/** The last minute after `after`, and not after `now`, in which it is due. */
export function lastDue(isDue: CronSchedule, after: Date, now: Date): Date | undefined {
  for (let at = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS; at > after.getTime(); at -= MINUTE_MS) {
    if (isDue(new Date(at))) return new Date(at);
  }
  return undefined;
}
