import type { Family } from '#facts';
import { formatPrefix, parsePrefix } from '#ip';

/** 4 or 6, for canonical text of an address or a prefix. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4;
}

/** The prefix with its length: a bare address stands for itself alone. */
export function prefixText(text: string): string {
  if (text.includes('/')) return text;
  return `${text}/${familyOf(text) === 4 ? 32 : 128}`;
}

/** The network of a prefix, host bits zero: what the kernel makes of it. */
export function networkText(text: string): string {
  return formatPrefix(parsePrefix(prefixText(text)));
}
