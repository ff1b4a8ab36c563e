import type { Resource } from './object.ts';

/** A virtual machine that runs, in a pod of its own; belongs to a VirtualMachine, which outlives it, or to nothing. */
export const VIRTUAL_MACHINE_INSTANCES: Resource = {
  group: 'kubevirt.io',
  version: 'v1',
  plural: 'virtualmachineinstances',
  kind: 'VirtualMachineInstance',
  isNamespaced: true,
};

/** A virtual machine, running or not. */
export const VIRTUAL_MACHINES: Resource = {
  group: 'kubevirt.io',
  version: 'v1',
  plural: 'virtualmachines',
  kind: 'VirtualMachine',
  isNamespaced: true,
};
