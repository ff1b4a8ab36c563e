import type { ApiObject } from './api-object.ts';
import type { JsonObject } from './json.ts';
import { isJsonObject, isSameJson, listAt, listOr, objectOr, textAt, valueAt } from './json.ts';
import type { ResourceRules } from './served-resource.ts';
import type { StatusCause } from './status-error.ts';
import { requiredValue } from './status-error.ts';

const DEFAULT_GRACE_SECONDS = 30;

/** Pods: defaults, a spec that does not change once written, and deletion that waits for the node. */
export const POD_RULES: ResourceRules = {
  nameRule: 'subdomain',
  statusKeepsMetadata: true,
  applyDefaults: withPodDefaults,
  validate: checkPod,
  validateUpdate: checkPodUpdate,
  gracePeriodSeconds: podGracePeriod,
};

function withPodDefaults(pod: JsonObject): JsonObject {
  const spec = { ...POD_SPEC_DEFAULTS, ...objectOr(pod['spec']) };
  const containers = listOr(spec['containers']).map(withContainerDefaults);
  return { ...pod, spec: { ...spec, containers }, status: { phase: 'Pending', ...objectOr(pod['status']) } };
}

const POD_SPEC_DEFAULTS: JsonObject = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: DEFAULT_GRACE_SECONDS,
  dnsPolicy: 'ClusterFirst',
  serviceAccountName: 'default',
  serviceAccount: 'default',
  securityContext: {},
  schedulerName: 'default-scheduler',
  enableServiceLinks: true,
  preemptionPolicy: 'PreemptLowerPriority',
  priority: 0,
};

function withContainerDefaults(container: unknown): unknown {
  if (!isJsonObject(container)) return container;
  const probes = ['readinessProbe', 'livenessProbe', 'startupProbe'].filter(key => isJsonObject(container[key]));
  return {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: textAt(container, 'image').includes(':') ? 'IfNotPresent' : 'Always',
    ...container,
    ...(container['ports'] === undefined
      ? {}
      : { ports: listOr(container['ports']).map(port => ({ protocol: 'TCP', ...objectOr(port) })) }),
    ...Object.fromEntries(probes.map(key => [key, withProbeDefaults(objectOr(container[key]))])),
  };
}

function withProbeDefaults(probe: JsonObject): JsonObject {
  const httpGet = isJsonObject(probe['httpGet']) ? { httpGet: { path: '/', scheme: 'HTTP', ...probe['httpGet'] } } : {};
  return { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3, ...probe, ...httpGet };
}

function checkPod(pod: JsonObject): readonly StatusCause[] {
  const containers = listAt(pod, 'spec.containers');
  if (containers.length === 0) return [requiredValue('spec.containers')];
  return containers.flatMap((container, index) => [
    ...(textAt(container, 'name') === '' ? [requiredValue(`spec.containers[${index}].name`)] : []),
    ...(textAt(container, 'image') === '' ? [requiredValue(`spec.containers[${index}].image`)] : []),
  ]);
}

function checkPodUpdate(pod: ApiObject, previous: ApiObject): readonly StatusCause[] {
  if (isSameJson(frozenPart(pod), frozenPart(previous))) return [];
  return [
    {
      reason: 'FieldValueForbidden',
      field: 'spec',
      message:
        'Forbidden: pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)',
    },
  ];
}

function frozenPart(pod: ApiObject): JsonObject {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, ...spec } = objectOr(pod['spec']);
  return {
    ...spec,
    containers: listOr(spec['containers']).map(container => ({ ...objectOr(container), image: undefined })),
  };
}

/** A pod without a node, or one that has finished, has nobody to wait for. */
function podGracePeriod(pod: ApiObject, requested: number | undefined): number | undefined {
  const phase = textAt(pod, 'status.phase');
  if (textAt(pod, 'spec.nodeName') === '' || phase === 'Succeeded' || phase === 'Failed') return undefined;
  const seconds = requested ?? Number(valueAt(pod, 'spec.terminationGracePeriodSeconds') ?? DEFAULT_GRACE_SECONDS);
  return seconds <= 0 ? undefined : seconds;
}
