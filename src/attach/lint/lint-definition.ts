import {
  ATTACHMENT_POLICIES,
  type NetworkAttachmentDefinition,
  networkAttachmentDefinitionSchema,
  type ObjectProblem,
  problemsOf,
} from '#api';
import { isJsonObject, type JsonObject, type NetworkConfig } from '#cni';
import { DETECT_ANNOTATION, detectionProblems } from '#ipam';
import { nadSource, RESOURCE_ANNOTATION, resolveNad } from '#networks';
import { isInFile, SCOPE_ANNOTATION } from '../resolve/find-network.ts';
import { withDevice } from '../resolve/give-devices.ts';
import { requireAllowed } from '../resolve/policy.ts';
import { type LintFinding, placeOf } from './finding.ts';
import type { KnownObjects } from './known-objects.ts';
import { lintConfig } from './lint-config.ts';
import { type Located, type Path, valueAt } from './located.ts';
import { type LintReport, NOTHING } from './report.ts';
import type { IpamRule, NadName } from './rules/ipam-rule.ts';
import { unknownAnnotations } from './rules/unknown-annotations.ts';

/** Stands for the one that a pod will have been given. */
const SOME_DEVICE = '0000:00:00.0';

const IN_FILE =
  'spec.config is missing: the network is the file of that name in /etc/cni/multus/net.d of each node, which is not checked here';

/** Reads a NetworkAttachmentDefinition as the agent does when a pod asks for it. */
export function lintDefinition(
  object: string,
  raw: JsonObject,
  located: Located,
  known: KnownObjects,
  rules: readonly IpamRule[],
): LintReport {
  const parsed = networkAttachmentDefinitionSchema.safeParse(raw, { reportInput: true });
  if (!parsed.success) {
    const findings = problemsOf(parsed.error).map(({ path, message }): LintFinding => {
      return { severity: 'error', ...placeOf(located, path), object, message };
    });
    return { ...NOTHING, findings };
  }
  const nad: NetworkAttachmentDefinition = {
    ...parsed.data,
    metadata: { ...parsed.data.metadata, namespace: parsed.data.metadata.namespace ?? 'default' },
  };
  const scope = nad.metadata.annotations?.[SCOPE_ANNOTATION];
  const resource = nad.metadata.annotations?.[RESOURCE_ANNOTATION]?.trim() || undefined;
  const at = ['spec', 'config'];
  if (isInFile(nad)) {
    return { ...NOTHING, findings: [{ severity: 'warning', ...placeOf(located, at), object, message: IN_FILE }] };
  }
  const read = (): NetworkConfig => {
    const config = resolveNad(nad);
    const namespace = nad.metadata.namespace ?? 'default';
    requireAllowed({ namespace, source: nadSource(nad), config }, known.list(ATTACHMENT_POLICIES));
    return withDevice(config, resource === undefined ? undefined : { id: SOME_DEVICE, resource });
  };
  const report = lintConfig(read, {
    object,
    located: located.inside(at),
    jsonLine: line => located.lineInside(at, line),
    scopePlace: placeOf(located, ['metadata', 'annotations', SCOPE_ANNOTATION]),
    // In a file `kubectl apply -n` may say which namespace it is.
    ...(parsed.data.metadata.namespace === undefined
      ? {}
      : { nad: `${parsed.data.metadata.namespace}/${nad.metadata.name}` }),
    ...(scope === undefined ? {} : { scope }),
  });
  const problems = [
    ...resourceProblems(resource),
    ...detectionProblems(nad.metadata),
    ...unknownAnnotations(nad.metadata, [DETECT_ANNOTATION, SCOPE_ANNOTATION]),
  ];
  const findings = problems.map(({ path, message, severity = 'error' }): LintFinding => {
    return { severity, ...placeOf(located, path), object, message };
  });
  const own = { namespace: nad.metadata.namespace ?? 'default', name: nad.metadata.name };
  const notes = ipamNotes(located.inside(at), own, known, rules).map(note => ({ ...note, object }));
  return { ...report, findings: [...report.findings, ...findings, ...notes] };
}

/** What the addresses rely on that is not there. */
function ipamNotes(
  config: Located,
  nad: NadName,
  known: KnownObjects,
  rules: readonly IpamRule[],
): readonly Omit<LintFinding, 'object'>[] {
  const plugins = valueAt(config.value, ['plugins']);
  const places: readonly Path[] = Array.isArray(plugins)
    ? plugins.map((_, index) => ['plugins', index, 'ipam'])
    : [['ipam']];
  return places.flatMap(place => {
    const ipam = valueAt(config.value, place);
    if (!isJsonObject(ipam)) return [];
    return rules
      .flatMap(rule => rule(ipam, nad, known))
      .map(({ path, message }) => ({ severity: 'warning', ...placeOf(config, [...place, ...path]), message }) as const);
  });
}

function resourceProblems(resource: string | undefined): readonly ObjectProblem[] {
  if (resource === undefined || /^[^/\s]+\/[^/\s]+$/.test(resource)) return [];
  const message = `annotation "${RESOURCE_ANNOTATION}" is "${resource}", expected a resource of a device plugin such as "intel.com/sriov"`;
  return [{ path: ['metadata', 'annotations', RESOURCE_ANNOTATION], message }];
}
