import { readDevices } from '#facts';
import type { AttachmentPlan } from './attachment-plan.ts';
import type { HostKernel } from './kernel.ts';

/** Addresses, with prefix length, of the physical functions whose virtual ones an attachment's devices are. */
export function masterAddresses({ devices }: Pick<AttachmentPlan, 'devices'>, host: HostKernel): readonly string[] {
  const links = readDevices(devices, host.sysfs).flatMap(({ vf }) => vf?.pfLinks ?? []);
  return host.facts.current.addresses.filter(({ dev }) => links.includes(dev)).map(({ address }) => address);
}
