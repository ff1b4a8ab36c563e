import type { Pod } from '#api';
import { isJsonObject } from '#cni';
import { MAC_EXPECTED, readMac } from '#ip';
import { annotatedMac, type PodInterface } from '#ipam';
import { AttachError } from '../errors.ts';
import { ipamTypeOf } from './chain.ts';
import type { Wanted } from './plan-networks.ts';

/**
 * Gives interfaces the MAC addresses that annotations in the words of their network's ipam ask for, as if their selection did;
 * what that says goes first. Without the capability `mac` in the network's configuration such an annotation has never done
 * anything: it goes on to do nothing, with a warning.
 * @param siblings interfaces that the pod has already
 * @param warnings gets those
 * @throws AttachError NETWORK_CONFIG for what is no MAC address
 */
export function withAnnotatedMacs(
  wanted: readonly Wanted[],
  pod: Pod | undefined,
  siblings: readonly PodInterface[],
  warnings: string[],
): readonly Wanted[] {
  const { annotations = {}, namespace = 'default', name = '' } = pod?.metadata ?? {};
  const interfaces = [...siblings, ...wanted.map(interfaceOf)];
  return wanted.map(own => {
    const { network } = own;
    const types = network.config.plugins.flatMap(({ ipam }) => ipamTypeOf(ipam) ?? []);
    const found = types.map(type => annotatedMac(type, annotations, interfaceOf(own), interfaces))[0];
    if (found === undefined || own.mac !== undefined) return own;
    const isDeclared = network.config.plugins.some(
      ({ capabilities }) => isJsonObject(capabilities) && capabilities['mac'] === true,
    );
    if (!isDeclared) {
      warnings.push(
        `${network.source}: annotation "${found.key}" does nothing: none of its plugins declares capability mac`,
      );
      return own;
    }
    const mac = readMac(found.text);
    if (mac !== undefined) return { ...own, mac, capabilityArgs: { ...own.capabilityArgs, mac } };
    throw new AttachError(
      'NETWORK_CONFIG',
      `Cannot use annotation "${found.key}" of pod "${namespace}/${name}": its value is "${found.text}", expected ${MAC_EXPECTED}`,
    );
  });
}

function interfaceOf({ ifname, network }: Wanted): PodInterface {
  return { name: ifname, ...(network.nad === undefined ? {} : { nad: network.nad }) };
}
