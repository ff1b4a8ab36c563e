import { type ObjectMeta, type ObjectProblem, wrongField } from '#api';
import { badField } from '../errors.ts';
import type { Detection, Pool } from '../store/claim-store.ts';

/** On a NetworkAttachmentDefinition or a pool: what is asked of the network before an address is used. */
export const DETECT_ANNOTATION = 'underlane.io/detect';

const EXPECTED = '"conflict", "gateway", "conflict,gateway" or "none"';

/**
 * What an object says is asked of the network before one of its addresses is used; nothing where it does not say.
 * @param source names the object in errors
 * @throws IpamError BAD_CONFIG
 */
export function detectionOf({ annotations }: ObjectMeta, source: string): Pick<Pool, 'detect'> {
  const text = annotations?.[DETECT_ANNOTATION];
  if (text === undefined) return {};
  const detect = parse(text);
  if (detect === undefined) throw badField(source, DETECT_ANNOTATION, text, EXPECTED);
  return { detect };
}

/** What is wrong with an object's annotation of that name. */
export function detectionProblems({ annotations }: ObjectMeta): readonly ObjectProblem[] {
  const text = annotations?.[DETECT_ANNOTATION];
  if (text === undefined || parse(text) !== undefined) return [];
  return [wrongField(['metadata', 'annotations', DETECT_ANNOTATION], text, EXPECTED)];
}

/** `conflict`, `gateway`, both with a comma between, or `none`, where more would be asked otherwise. */
function parse(text: string): Detection | undefined {
  const words = text.split(',').map(word => word.trim());
  const isKnown = words.every(word => word === 'conflict' || word === 'gateway') || text.trim() === 'none';
  return isKnown ? { conflict: words.includes('conflict'), gateway: words.includes('gateway') } : undefined;
}
