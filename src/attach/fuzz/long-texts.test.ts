import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseArgs, parseNetworkConfig, parseResult } from '#cni';
import { checkAnnotationNames, parseDefaultNetworkAnnotation, parseNetworksAnnotation } from '#networks';
import { loadLint } from '../lint/load-lint.ts';
import { parseChain } from '../resolve/chain.ts';
import { parsePipelineConfig } from '../resolve/pipeline-config.ts';
import { fuzz } from './fuzz.ts';

const { lintText } = await loadLint();

/**
 * As much text of one kind as an annotation may hold (256 KiB): what takes a time that grows with the square of its input
 * would not come to an end here.
 */
const LENGTH = 250_000;

/** Every place where somebody else's text meets a pattern or a list of known words. */
const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  'the short form': text => parseNetworksAnnotation(text, 'shop'),
  'the default network': text => parseDefaultNetworkAnnotation(text, 'kube-system'),
  "an annotation's name": text => checkAnnotationNames({ [`k8s.v1.cni.cncf.io/${text}`]: '', [text]: '' }),
  'members of an element': text =>
    ['name', 'namespace', 'interface', 'mac', 'infiniband-guid', 'deviceID', 'ipam-claim-reference', text].map(member =>
      refusing(() => parseNetworksAnnotation(JSON.stringify([{ name: 'a', [member]: text }]), 'shop')),
    ),
  'lists of an element': text =>
    ['ips', 'default-route'].map(member =>
      refusing(() => parseNetworksAnnotation(JSON.stringify([{ name: 'a', [member]: [text] }]), 'shop')),
    ),
  CNI_ARGS: text =>
    [text, `K8S_POD_NAME=${text}`, `IP=${text}`, `MAC=${text}`].map(each => refusing(() => parseArgs(each))),
  'a network': text =>
    ['name', 'type', 'cniVersion', 'master', 'mode', 'mac', text].map(key =>
      refusing(() => chainOf({ name: 'lan', type: 'macvlan', master: 'up0', [key]: text })),
    ),
  'addresses of a network': text =>
    ['range', 'gateway', 'range_start', 'network_name', 'exclude'].map(key =>
      refusing(() =>
        chainOf({
          name: 'lan',
          type: 'macvlan',
          master: 'up0',
          ipam: { type: 'whereabouts', range: '10.0.0.0/24', [key]: key === 'exclude' ? [text] : text },
        }),
      ),
    ),
  'the configuration of the pipeline': text =>
    ['clusterNetwork', 'globalNamespaces', 'namespaceIsolation', text].map(key =>
      refusing(() => parsePipelineConfig({ name: text, namespaceIsolation: true, [key]: text })),
    ),
  'a result': text => [text, `{"ips":[{"address":"${text}"}]}`].map(each => refusing(() => parseResult(each, '1.0.0'))),
  'a manifest': text => lintText(text.slice(0, 20_000)),
};

function chainOf(config: unknown): unknown {
  const network = parseNetworkConfig(config, { source: 'x', defaultVersion: '1.0.0' });
  return parseChain(network, { source: 'x', lacksKind: () => false });
}

/** Each of several in its turn: what one refuses must not keep the others from being asked. */
function refusing(parse: () => unknown): void {
  fuzz(fc.constant(undefined), 1, parse);
}

describe('long texts come to an end in', () => {
  for (const [place, parse] of Object.entries(PARSERS)) {
    it(place, () => {
      const ends = fc.constantFrom('', '!', '@', '"', '\\');
      for (const character of 'a9-.:/@, 0"[{}=;\\\n\t') {
        fuzz(ends, 2, end => parse(character.repeat(LENGTH) + end));
      }
      for (const pair of ['a-', 'a.', '0:', 'a,', '[]', '{"', '1.', 'a=b;', '10.0.0.1,', 'a/b@c,']) {
        fuzz(ends, 2, end => parse(pair.repeat(LENGTH / pair.length) + end));
      }
    });
  }
});
