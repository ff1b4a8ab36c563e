import type { Family } from '#facts';

/** 4 or 6, for canonical text of an address or a prefix. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4;
}

/** The prefix with its length: a bare address stands for itself alone. */
export function prefixText(text: string): string {
  if (text.includes('/')) return text;
  return `${text}/${familyOf(text) === 4 ? 32 : 128}`;
}
