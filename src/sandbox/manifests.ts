import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { KubeObject, Resource } from '#api';
import { codeOf } from '#base';
import type { KubeClient } from '#kube';
import { SandboxError } from './errors.ts';
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, SANDBOX_PODS, SERVICES } from './resources.ts';
import { DAEMON_SETS, DEPLOYMENTS, JOBS, STATEFUL_SETS } from './workloads.ts';

/** A manifest's object, with what it needs to be applied. */
export interface Manifest extends KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Kinds that need no definition. */
const BUILT_IN: readonly Resource[] = [
  CUSTOM_RESOURCE_DEFINITIONS,
  NAMESPACES,
  CONFIG_MAPS,
  SERVICES,
  DEPLOYMENTS,
  STATEFUL_SETS,
  DAEMON_SETS,
  JOBS,
  SANDBOX_PODS,
];

/** All objects of all .yaml files of a folder, in the files' sorted order. @throws SandboxError BAD_MANIFEST */
export async function readManifests(dir: string): Promise<Manifest[]> {
  const names = (await readdir(dir)).filter(name => name.endsWith('.yaml')).sort();
  const files = await Promise.all(
    names.map(async name => parseManifests(await readFile(join(dir, name), 'utf8'), join(dir, name))),
  );
  return files.flat();
}

/** @throws SandboxError BAD_MANIFEST */
export function parseManifests(text: string, file: string): Manifest[] {
  return loadAll(text).map((object, index) => {
    if (!isManifest(object)) {
      throw new SandboxError(
        'BAD_MANIFEST',
        `Cannot use document ${index + 1} of "${file}": expected an object with apiVersion, kind and metadata.name`,
      );
    }
    return object;
  });
}

/** Creates the object, or merges it into the one that is there. @throws SandboxError BAD_MANIFEST, ApiError */
export async function applyManifest(client: KubeClient, manifest: Manifest): Promise<void> {
  const isOfKind = (resource: Resource): boolean =>
    resource.kind === manifest.kind && apiVersionOf(resource) === manifest.apiVersion;
  const resource = BUILT_IN.find(isOfKind) ?? (await listDefined(client)).find(isOfKind);
  if (resource === undefined) {
    throw new SandboxError(
      'BAD_MANIFEST',
      `Cannot apply ${manifest.kind} "${manifest.metadata.name}": kind "${manifest.kind}" of "${manifest.apiVersion}" is none that the sandbox applies, and no CustomResourceDefinition has it`,
    );
  }
  const { metadata } = manifest;
  const object = resource.isNamespaced
    ? { ...manifest, metadata: { ...metadata, namespace: metadata.namespace ?? 'default' } }
    : manifest;
  try {
    await client.create(resource, object);
  } catch (error) {
    if (codeOf(error) !== 'AlreadyExists') throw error;
    await client.mergePatch(resource, object.metadata, object);
  }
}

/** The kinds that the cluster's CustomResourceDefinitions make. */
async function listDefined(client: KubeClient): Promise<Resource[]> {
  const { items } = await client.list(CUSTOM_RESOURCE_DEFINITIONS);
  return items.flatMap(({ spec: { group, scope, names, versions } }) =>
    versions.map(({ name: version }) => ({ ...names, group, version, isNamespaced: scope === 'Namespaced' })),
  );
}

function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind, metadata } = value as Readonly<Record<string, unknown>>; // any YAML mapping
  return (
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    typeof metadata === 'object' &&
    metadata !== null &&
    'name' in metadata &&
    typeof metadata.name === 'string'
  );
}
