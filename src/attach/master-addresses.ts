import { readDevices } from '#facts';
import type { HostKernel } from './kernel.ts';
import type { AttachmentPlan } from './resolve/attachment-plan.ts';

/** Addresses, with prefix length, of the physical functions whose virtual ones an attachment's devices are. */
export function masterAddresses({ devices }: Pick<AttachmentPlan, 'devices'>, host: HostKernel): readonly string[] {
  const links = readDevices(devices, host.sysfs).flatMap(({ vf }) => vf?.pfLinks ?? []);
  return host.facts.current.addresses.filter(({ dev }) => links.includes(dev)).map(({ address }) => address);
}
