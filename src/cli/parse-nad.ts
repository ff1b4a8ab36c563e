import { InvalidArgumentError } from 'commander';

/** `NAMESPACE/NAME` of a NetworkAttachmentDefinition. */
export function parseNad(text: string): string {
  if (/^[a-z0-9.-]+\/[a-z0-9.-]+$/.test(text)) return text;
  throw new InvalidArgumentError('expected NAMESPACE/NAME, as kube-system/default-net');
}
