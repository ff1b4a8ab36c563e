import type { Detection } from './claim-store.ts';
import { badField } from './errors.ts';

/** On a NetworkAttachmentDefinition or a pool: what is asked of the network before an address is used. */
export const DETECT_ANNOTATION = 'underlane.io/detect';

/** What stands there for "nothing", where more would be asked otherwise. */
const NOTHING = 'none';

/**
 * Reads `conflict`, `gateway`, both with a comma between, or `none`.
 * @param field names the text in errors
 * @throws IpamError BAD_CONFIG
 */
export function parseDetection(text: string, field: string, source: string): Detection {
  const words = text.split(',').map(word => word.trim());
  const isKnown = words.every(word => word === 'conflict' || word === 'gateway') || text.trim() === NOTHING;
  if (!isKnown) throw badField(source, field, text, '"conflict", "gateway", "conflict,gateway" or "none"');
  return { conflict: words.includes('conflict'), gateway: words.includes('gateway') };
}
