import type { LabelSelector } from '#api';
import type { TopController } from './top-controller.ts';

const PREFIX = 'ipam.spidernet.io/app-';

/** Labels in a pool's podAffinity that mean a pod's top controller, and stand on no pod. */
const FIELDS = {
  [`${PREFIX}api-group`]: ({ group }: TopController) => group,
  [`${PREFIX}api-version`]: ({ version }: TopController) => version,
  [`${PREFIX}kind`]: ({ kind }: TopController) => kind,
  [`${PREFIX}namespace`]: ({ namespace }: TopController) => namespace,
  [`${PREFIX}name`]: ({ name }: TopController) => name,
};

/** Those that mean exactly one controller, whatever its uid. */
export function appLabelsOf(controller: TopController): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(FIELDS).map(([key, read]) => [key, read(controller)]));
}

/** The controller that these labels mean. */
export function controllerOfAppLabels(app: Readonly<Record<string, string>>, uid: string): TopController {
  const at = (field: string): string => app[`${PREFIX}${field}`] ?? '';
  return {
    group: at('api-group'),
    version: at('api-version'),
    kind: at('kind'),
    namespace: at('namespace'),
    name: at('name'),
    uid,
  };
}

/** A podAffinity in its two parts: what it asks of the top controller, and what of the pod's own labels. */
export function splitPodAffinity({ matchLabels = {}, ...rest }: LabelSelector): {
  readonly app: Readonly<Record<string, string>>;
  readonly pod: LabelSelector;
} {
  const entries = Object.entries(matchLabels);
  return {
    app: Object.fromEntries(entries.filter(([key]) => Object.hasOwn(FIELDS, key))),
    pod: { ...rest, matchLabels: Object.fromEntries(entries.filter(([key]) => !Object.hasOwn(FIELDS, key))) },
  };
}

/** Whether a controller is the one that these labels mean. */
export function meansController(app: Readonly<Record<string, string>>, controller: TopController | undefined): boolean {
  const own = controller === undefined ? {} : appLabelsOf(controller);
  return Object.entries(app).every(([key, value]) => own[key] === value);
}
