import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { loadAll } from 'js-yaml';
import { type NetworkAttachmentDefinition, networkAttachmentDefinitionSchema } from '#api';
import { parseIpam } from '#ipam';
import {
  assignInterfaceNames,
  checkAnnotationNames,
  DEFAULT_NETWORK_ANNOTATION,
  NETWORKS_ANNOTATION,
  type NetworkSelection,
  nadSource,
  parseDefaultNetworkAnnotation,
  parseNetworksAnnotation,
  resolveNad,
} from '#networks';
import { parseChain } from './chain.ts';
import { SYSTEM_NAMESPACE } from './pipeline-config.ts';

const EXAMPLES = new URL('../../../examples/', import.meta.url);

interface Manifest {
  readonly kind: string;
  readonly metadata: Meta;
  readonly spec?: { readonly template?: { readonly metadata: Meta } };
}

interface Meta {
  readonly name?: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const files = readdirSync(EXAMPLES).filter(name => name.endsWith('.yaml'));
// Our own files: what they hold is checked by what follows.
const manifests = files.flatMap(file => loadAll(readFileSync(new URL(file, EXAMPLES), 'utf8')) as Manifest[]);
const nads = manifests.filter(({ kind }) => kind === 'NetworkAttachmentDefinition').map(parseNad);
const pods = manifests.filter(({ kind }) => kind === 'Pod' || kind === 'Deployment');

suite('examples/', () => {
  test('holds networks and pods', () => {
    assert.ok(files.length > 1 && nads.length > 1 && pods.length > 1);
  });

  for (const nad of nads) {
    test(`${nadSource(nad)}: its whole chain is read`, () => {
      const source = nadSource(nad);
      const network = resolveNad(nad);
      const chain = parseChain(network, { source, lacksKind: () => false });
      assert.equal(chain.length, network.plugins.length);
      // Of a plugin that we do not implement at least the addresses are ours.
      for (const { ipam } of network.plugins) {
        if (ipam !== undefined) parseIpam(ipam, { networkName: network.name, source });
      }
    });
  }

  for (const { kind, metadata, spec } of pods) {
    test(`${kind} "${metadata.name}": asks for networks that the examples define`, () => {
      const annotations = spec?.template?.metadata.annotations ?? metadata.annotations ?? {};
      assert.equal(checkAnnotationNames(annotations), undefined);
      const wanted = selectionsOf(annotations, metadata.namespace ?? 'default');
      assert.notEqual(wanted.length, 0);
      const known = nads.map(nad => `${nad.metadata.namespace}/${nad.metadata.name}`);
      for (const { namespace, name } of wanted)
        assert.ok(known.includes(`${namespace}/${name}`), `${namespace}/${name}`);
    });
  }
});

function parseNad(manifest: Manifest): NetworkAttachmentDefinition {
  return networkAttachmentDefinitionSchema.parse(manifest);
}

function selectionsOf(annotations: Readonly<Record<string, string>>, namespace: string): readonly NetworkSelection[] {
  const byDefault = parseDefaultNetworkAnnotation(annotations[DEFAULT_NETWORK_ANNOTATION] ?? '', SYSTEM_NAMESPACE);
  const others = parseNetworksAnnotation(annotations[NETWORKS_ANNOTATION] ?? '', namespace);
  assert.deepEqual([...byDefault.warnings, ...others.warnings], []);
  assignInterfaceNames(others.networks, ['eth0']);
  return [...byDefault.networks, ...others.networks];
}
