import type { Pod } from '#api';
import type { CniRequest } from '#cni';
import type { PodInterface } from '#ipam';
import {
  assignInterfaceNames,
  checkAnnotationNames,
  DEFAULT_NETWORK_ANNOTATION,
  NETWORKS_ANNOTATION,
  type NetworkSelection,
  parseDefaultNetworkAnnotation,
  parseNetworksAnnotation,
} from '#networks';
import { AttachError } from '../errors.ts';
import { withAnnotatedMacs } from './annotated-macs.ts';
import { askedBy, type Place } from './asked-by.ts';
import type { AttachmentPlan } from './attachment-plan.ts';
import { auxiliaryChain } from './auxiliary-chain.ts';
import { uselessCapabilities } from './capability-args.ts';
import { clusterNetwork, furtherNetworks, networkOfNad } from './find-network.ts';
import { requireVisible } from './namespace-isolation.ts';
import type { PipelineConfig } from './pipeline-config.ts';
import { planNetwork, planNetworks, type Wanted } from './plan-networks.ts';
import { requireReadiness } from './readiness.ts';
import { pipelineOf, type ResolveDeps } from './resolve-deps.ts';

/** A pod's attachments, and what of its annotations means nothing. */
export interface ResolvedNetworks {
  readonly plans: readonly AttachmentPlan[];
  /** Sentences for the pod's Events. */
  readonly warnings: readonly string[];
  /** Where third-party plugins are looked for after the agent's own directories. */
  readonly binDir?: string;
}

/**
 * A pod's attachments in order: the default network under CNI_IFNAME, then those that every pod gets and those of the networks
 * annotation as net1, net2, ..., then the plugins that run behind all networks.
 * Everything is parsed here, so that a wrong manifest fails before anything is made.
 * @throws AttachError, NetworksError and the parsers' errors, each naming object, field, value and what was expected
 */
export async function resolvePodNetworks(
  request: CniRequest,
  pod: Pod | undefined,
  deps: ResolveDeps,
  signal: AbortSignal,
): Promise<ResolvedNetworks> {
  const annotations = pod?.metadata.annotations ?? {};
  const namespace = pod?.metadata.namespace ?? 'default';
  const misspelt = checkAnnotationNames(annotations);
  if (misspelt !== undefined) throw new AttachError('NETWORK_CONFIG', misspelt);
  const pipeline = pipelineOf(request, deps);
  const replaced = parseDefaultNetworkAnnotation(
    annotations[DEFAULT_NETWORK_ANNOTATION] ?? '',
    pipeline.multusNamespace,
  );
  const asked = parseNetworksAnnotation(annotations[NETWORKS_ANNOTATION] ?? '', namespace);
  requireVisible(DEFAULT_NETWORK_ANNOTATION, replaced.networks, namespace, pipeline);
  requireVisible(NETWORKS_ANNOTATION, asked.networks, namespace, pipeline);
  requireReadiness(pipeline);
  const further = await furtherNetworks(pipeline, pod === undefined ? undefined : namespace, deps, signal);
  const furtherNames = further.map((_, index) => `net${index + 1}`);
  const names = assignInterfaceNames(asked.networks, [request.ifname, ...furtherNames], further.length + 1);
  const warnings = [...replaced.warnings, ...asked.warnings];
  const ofSelection = selector(request, pipeline, deps, warnings, signal);
  const place: Place = { ifname: request.ifname, isDefault: true };
  const [selected] = replaced.networks;
  const [first, annotated] = await Promise.all([
    selected === undefined
      ? clusterNetwork(pipeline, deps, signal).then(network => ({
          network,
          ...place,
          capabilityArgs: request.config.runtimeConfig,
        }))
      : ofSelection(selected, place),
    Promise.all(
      asked.networks.map((selection, index) =>
        ofSelection(selection, { ifname: names[index] ?? '', isDefault: false }),
      ),
    ),
  ]);
  const added = further.map((network, index) => ({
    network,
    ifname: furtherNames[index] ?? '',
    isDefault: false,
    capabilityArgs: {},
  }));
  const wanted = withAnnotatedMacs([first, ...added, ...annotated], pod, [], warnings);
  const plans = await planNetworks(wanted, request, pod, deps, signal);
  const auxiliary = auxiliaryChain(pipeline, request.config.cniVersion);
  if (auxiliary !== undefined) {
    const last = { ifname: `net${plans.length}`, isDefault: false, isAuxiliary: true };
    plans.push(planNetwork(auxiliary, { ...last, capabilityArgs: {} }, deps));
  }
  return { plans, warnings, ...(pipeline.binDir === undefined ? {} : { binDir: pipeline.binDir }) };
}

/**
 * Networks that a running pod asks for beside those that it has, each with the interface's name.
 * @param request as the pod's own ADD was
 * @param siblings those that it has
 * @throws as {@link resolvePodNetworks}
 */
export async function resolveSelections(
  request: CniRequest,
  pod: Pod,
  chosen: readonly { readonly selection: NetworkSelection; readonly ifname: string }[],
  siblings: readonly PodInterface[],
  deps: ResolveDeps,
  signal: AbortSignal,
): Promise<ResolvedNetworks> {
  const pipeline = pipelineOf(request, deps);
  const selections = chosen.map(({ selection }) => selection);
  requireVisible(NETWORKS_ANNOTATION, selections, pod.metadata.namespace ?? 'default', pipeline);
  const warnings: string[] = [];
  const ofSelection = selector(request, pipeline, deps, warnings, signal);
  const found = await Promise.all(
    chosen.map(({ selection, ifname }) => ofSelection(selection, { ifname, isDefault: false })),
  );
  const wanted = withAnnotatedMacs(found, pod, siblings, warnings);
  const plans = await planNetworks(wanted, request, pod, deps, signal);
  return { plans, warnings, ...(pipeline.binDir === undefined ? {} : { binDir: pipeline.binDir }) };
}

/** Finds the network of a selection, with what is asked of it. */
function selector(
  request: CniRequest,
  pipeline: PipelineConfig,
  deps: ResolveDeps,
  warnings: string[],
  signal: AbortSignal,
): (selection: NetworkSelection, place: Place) => Promise<Wanted> {
  return async (selection, place) => {
    const network = await networkOfNad(selection, pipeline.netConfDir, deps, signal);
    for (const name of uselessCapabilities(selection, network.config)) {
      warnings.push(`${network.source}: the pod asks for ${name}, but none of its plugins declares that capability`);
    }
    return {
      network,
      ...place,
      ...askedBy(selection, place.isDefault ? request : undefined),
      ...(place.isDefault ? {} : { selection }),
    };
  };
}
