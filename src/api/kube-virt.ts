import type { Resource } from './object.ts';

/** A virtual machine that runs, in a pod of its own; belongs to a VirtualMachine, which outlives it, or to nothing. */
export const VIRTUAL_MACHINE_INSTANCES: Resource = {
  group: 'kubevirt.io',
  version: 'v1',
  plural: 'virtualmachineinstances',
  kind: 'VirtualMachineInstance',
  isNamespaced: true,
};
