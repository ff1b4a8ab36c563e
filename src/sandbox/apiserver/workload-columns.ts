import type { ApiObject } from './api-object.ts';
import { AGE_COLUMN, computed, countAt, formatAge, NAME_COLUMN, pathColumn, selectorText } from './column.ts';
import { listAt, textAt, valueAt } from './json.ts';
import type { Column } from './served-resource.ts';

function templateColumns(template = 'spec.template'): readonly Column[] {
  const texts = (object: ApiObject, field: string): string =>
    listAt(object, `${template}.spec.containers`)
      .map(container => textAt(container, field))
      .join(',');
  return [
    computed('Containers', object => texts(object, 'name'), 'string', 1),
    computed('Images', object => texts(object, 'image'), 'string', 1),
  ];
}

const SELECTOR_COLUMN = computed(
  'Selector',
  object => selectorText(valueAt(object, 'spec.selector.matchLabels')),
  'string',
  1,
);

export const DEPLOYMENT_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  computed('Ready', object => `${countAt(object, 'status.readyReplicas')}/${countAt(object, 'spec.replicas')}`),
  count('Up-to-date', 'status.updatedReplicas'),
  count('Available', 'status.availableReplicas'),
  AGE_COLUMN,
  ...templateColumns(),
  SELECTOR_COLUMN,
];

export const REPLICA_SET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  count('Desired', 'spec.replicas'),
  count('Current', 'status.replicas'),
  count('Ready', 'status.readyReplicas'),
  AGE_COLUMN,
  ...templateColumns(),
  SELECTOR_COLUMN,
];

export const STATEFUL_SET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  computed('Ready', object => `${countAt(object, 'status.readyReplicas')}/${countAt(object, 'spec.replicas')}`),
  AGE_COLUMN,
  ...templateColumns(),
];

export const DAEMON_SET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  count('Desired', 'status.desiredNumberScheduled'),
  count('Current', 'status.currentNumberScheduled'),
  count('Ready', 'status.numberReady'),
  count('Up-to-date', 'status.updatedNumberScheduled'),
  count('Available', 'status.numberAvailable'),
  computed('Node Selector', object => selectorText(valueAt(object, 'spec.template.spec.nodeSelector'))),
  AGE_COLUMN,
  ...templateColumns(),
  SELECTOR_COLUMN,
];

export const JOB_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  computed('Completions', completions),
  { ...computed('Duration', () => ''), cell: duration },
  AGE_COLUMN,
  ...templateColumns(),
  SELECTOR_COLUMN,
];

export const CRON_JOB_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  pathColumn('Schedule', 'spec.schedule'),
  computed('Suspend', object => (valueAt(object, 'spec.suspend') === true ? 'True' : 'False')),
  computed('Active', object => listAt(object, 'status.active').length, 'integer'),
  pathColumn('Last Schedule', 'status.lastScheduleTime'),
  AGE_COLUMN,
  ...templateColumns('spec.jobTemplate.spec.template'),
];

function count(name: string, path: string): Column {
  return computed(name, object => countAt(object, path), 'integer');
}

function completions(job: ApiObject): string {
  const wanted = textAt(job, 'spec.completions');
  const parallelism = countAt(job, 'spec.parallelism');
  return `${countAt(job, 'status.succeeded')}/${wanted || (parallelism > 1 ? `1 of ${parallelism}` : '1')}`;
}

function duration(job: ApiObject, now: number): string {
  const start = textAt(job, 'status.startTime');
  if (start === '') return '';
  const end = textAt(job, 'status.completionTime');
  return formatAge(start, end === '' ? now : Date.parse(end));
}
