import { readKernelCapabilities } from '#facts';
import { formatCapabilities } from './format-capabilities.ts';
import { listCapabilities } from './list-capabilities.ts';

export type CapabilitiesOutput = 'text' | 'json';

/** What the command prints. @throws NetlinkError EPERM */
export function describeKernel(output: CapabilitiesOutput): string {
  const found = readKernelCapabilities();
  const capabilities = listCapabilities(found);
  if (output === 'text') return formatCapabilities(found.release, capabilities);
  const items = capabilities.map(({ isPresent, ...rest }) => ({ ...rest, present: isPresent }));
  return `${JSON.stringify({ kernel: found.release, capabilities: items })}\n`;
}
