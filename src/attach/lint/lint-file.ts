import { YAMLException } from 'js-yaml';
import {
  type AttachmentPolicy,
  attachmentPolicySchema,
  formatIssues,
  ipamClaimSchema,
  type NetworkAttachmentDefinition,
  networkAttachmentDefinitionSchema,
} from '#api';
import { messageOf, UnderlaneError } from '#base';
import { isJsonObject, type JsonObject, type NetworkConfig, parseNetworkConfig } from '#cni';
import { nadSource, PIPELINE_NAMES, RESOURCE_ANNOTATION, resolveNad } from '#networks';
import { isInFile, SCOPE_ANNOTATION } from '../find-network.ts';
import { withDevice } from '../give-devices.ts';
import { requireAllowed } from '../policy.ts';
import { fieldOf, type LintFinding, sentenceOf } from './finding.ts';
import { type LintedNetwork, lintNetwork } from './lint-network.ts';
import { lintPipeline } from './lint-pipeline.ts';
import { lintPod, valueAt } from './lint-pod.ts';
import { type Located, type Path, readLocated } from './located.ts';

/** What is in a file, and what is wrong with it. */
export interface LintReport {
  readonly findings: readonly LintFinding[];
  readonly networks: readonly LintedNetwork[];
}

/** Stands for the one that a pod will have been given. */
const SOME_DEVICE = '0000:00:00.0';

const NOTHING: LintReport = { findings: [], networks: [] };
const IN_FILE =
  'spec.config is missing: the network is the file of that name in /etc/cni/multus/net.d of each node, which is not checked here';

/**
 * Reads manifests (YAML or JSON, any number of documents, Lists too) or a CNI configuration with the parsers that the
 * agent uses. Objects that have nothing to do with networks are passed over.
 * @param policies what namespaces may ask for, where not only the text's own policies say
 */
export function lintText(text: string, policies: readonly AttachmentPolicy[] = readPolicies(text)): LintReport {
  try {
    const documents = readLocated(text);
    const [only] = documents;
    if (documents.length === 1 && isCniConfig(only?.value)) return lintConfigFile(text, only.value, only);
    return join(documents.map(located => lintObject(located, [], policies)));
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = (error.mark?.line ?? 0) + 1;
    return {
      ...NOTHING,
      findings: [{ severity: 'error', line, object: 'File', message: `it is neither YAML nor JSON: ${error.reason}` }],
    };
  }
}

/** The valid AttachmentPolicies of a text that may be anything. */
export function readPolicies(text: string): readonly AttachmentPolicy[] {
  try {
    return readLocated(text)
      .flatMap(({ value }) => (isJsonObject(value) && Array.isArray(value['items']) ? value['items'] : [value]))
      .flatMap(object => {
        if (!isJsonObject(object) || object['kind'] !== 'AttachmentPolicy') return [];
        const parsed = attachmentPolicySchema.safeParse(object);
        return parsed.success ? [parsed.data] : [];
      });
  } catch (error) {
    // Said where the text is linted.
    if (error instanceof YAMLException) return [];
    throw error;
  }
}

function lintObject(located: Located, root: Path, policies: readonly AttachmentPolicy[]): LintReport {
  const object = valueAt(located.value, root);
  if (!isJsonObject(object)) return NOTHING;
  const { kind, items } = object;
  if (Array.isArray(items) && typeof kind === 'string' && kind.endsWith('List')) {
    return join(items.map((_, index) => lintObject(located, [...root, 'items', index], policies)));
  }
  if (kind === 'NetworkAttachmentDefinition') return lintDefinition(object, located, root, policies);
  if (kind === 'AttachmentPolicy') {
    const { error } = attachmentPolicySchema.safeParse(object, { reportInput: true });
    const name = `AttachmentPolicy "${textOf(valueAt(object, ['metadata', 'name']))}"`;
    return error === undefined ? NOTHING : schemaReport(name, error, located, root);
  }
  if (kind === 'IPAMClaim') {
    const { error } = ipamClaimSchema.safeParse(object, { reportInput: true });
    return error === undefined ? NOTHING : schemaReport(`IPAMClaim "${nameOf(object)}"`, error, located, root);
  }
  const findings = lintPod(`${textOf(kind)} "${nameOf(object)}"`, located, root, namespaceOf(object));
  return { ...NOTHING, findings };
}

/** For messages: a value that ought to be text. Not every other has one: `{"toString": ""}`. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
}

/** For messages, of an object that may lack a name. */
function nameOf(object: JsonObject): string {
  const name = valueAt(object, ['metadata', 'name']) ?? valueAt(object, ['metadata', 'generateName']);
  return `${namespaceOf(object)}/${typeof name === 'string' ? name : ''}`;
}

function namespaceOf(object: JsonObject): string {
  const namespace = valueAt(object, ['metadata', 'namespace']);
  return typeof namespace === 'string' ? namespace : 'default';
}

/** What keeps an object from being of its kind, at the line of the first of it. */
function schemaReport(
  object: string,
  error: Parameters<typeof formatIssues>[1],
  located: Located,
  root: Path,
): LintReport {
  const [path = []] = error.issues.map(issue => issue.path);
  const line = located.lineOf([...root, ...path.map(key => (typeof key === 'number' ? key : String(key)))]);
  const message = sentenceOf(new Error(formatIssues(object, error)), object);
  return { ...NOTHING, findings: [{ severity: 'error', line, object, message }] };
}

function lintDefinition(
  raw: JsonObject,
  located: Located,
  root: Path,
  policies: readonly AttachmentPolicy[],
): LintReport {
  const parsed = networkAttachmentDefinitionSchema.safeParse(raw, { reportInput: true });
  if (!parsed.success) {
    return schemaReport(`NetworkAttachmentDefinition "${nameOf(raw)}"`, parsed.error, located, root);
  }
  const nad: NetworkAttachmentDefinition = {
    ...parsed.data,
    metadata: { ...parsed.data.metadata, namespace: parsed.data.metadata.namespace ?? 'default' },
  };
  const scope = nad.metadata.annotations?.[SCOPE_ANNOTATION];
  const resource = nad.metadata.annotations?.[RESOURCE_ANNOTATION]?.trim() || undefined;
  const at = [...root, 'spec', 'config'];
  if (isInFile(nad)) {
    const line = located.lineOf(at);
    return { ...NOTHING, findings: [{ severity: 'warning', line, object: nadSource(nad), message: IN_FILE }] };
  }
  const read = (): NetworkConfig => {
    const config = resolveNad(nad);
    requireAllowed({ namespace: nad.metadata.namespace ?? 'default', source: nadSource(nad), config }, policies);
    return withDevice(config, resource === undefined ? undefined : { id: SOME_DEVICE, resource });
  };
  const report = lintConfig(read, {
    object: nadSource(nad),
    located: located.inside(at),
    jsonLine: line => located.lineInside(at, line),
    scopeLine: located.lineOf([...root, 'metadata', 'annotations', SCOPE_ANNOTATION]),
    ...(scope === undefined ? {} : { scope }),
  });
  if (resource === undefined || /^[^/\s]+\/[^/\s]+$/.test(resource)) return report;
  const line = located.lineOf([...root, 'metadata', 'annotations', RESOURCE_ANNOTATION]);
  const message = `annotation "${RESOURCE_ANNOTATION}" is "${resource}", expected a resource of a device plugin such as "intel.com/sriov"`;
  return { ...report, findings: [...report.findings, { severity: 'error', line, object: nadSource(nad), message }] };
}

function lintConfigFile(text: string, raw: JsonObject, located: Located): LintReport {
  const object = `CNI configuration "${typeof raw['name'] === 'string' ? raw['name'] : ''}"`;
  if (callsUs(raw)) return { ...NOTHING, findings: lintPipeline(object, raw, located) };
  return lintConfig(() => parseNetworkConfig(text, { source: object }), {
    object,
    located,
    jsonLine: line => line,
    scopeLine: 1,
  });
}

interface Place {
  readonly object: string;
  readonly located: Located;
  /** Where a line of the configuration's text stands in its file. */
  readonly jsonLine: (line: number) => number;
  readonly scopeLine: number;
  readonly scope?: string;
}

function lintConfig(read: () => NetworkConfig, place: Place): LintReport {
  const { object, located } = place;
  let config: NetworkConfig;
  try {
    config = read();
  } catch (error) {
    if (!(error instanceof UnderlaneError)) throw error;
    const field = fieldOf(error);
    const line = field.length > 0 ? located.lineOf(field) : place.jsonLine(lineInText(error));
    return { ...NOTHING, findings: [{ severity: 'error', line, object, message: sentenceOf(error, object) }] };
  }
  const { network, findings } = lintNetwork({ ...place, config });
  return { findings, networks: [network] };
}

/** JSON's own errors say a line of the text, where they know it. */
function lineInText(error: unknown): number {
  const [, line] = /\(line (\d+) column \d+\)/.exec(messageOf(error)) ?? [];
  return line === undefined ? 1 : Number(line);
}

function isCniConfig(value: unknown): value is JsonObject {
  if (!isJsonObject(value) || value['kind'] !== undefined) return false;
  return ['cniVersion', 'plugins', 'type', 'cniVersions'].some(key => Object.hasOwn(value, key));
}

/** A node's configuration that the runtime calls us by: what it delegates to has a file of its own. */
function callsUs(raw: JsonObject): boolean {
  const plugins = Array.isArray(raw['plugins']) ? raw['plugins'] : [raw];
  return plugins.every(plugin => isJsonObject(plugin) && PIPELINE_NAMES.has(textOf(plugin['type'])));
}

function join(reports: readonly LintReport[]): LintReport {
  return {
    findings: reports.flatMap(({ findings }) => findings).sort((a, b) => a.line - b.line),
    networks: reports.flatMap(({ networks }) => networks),
  };
}
