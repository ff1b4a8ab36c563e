import { WireError } from './errors.ts';

/** The variables that travel: the protocol's and our own. Nothing else of a runtime's environment is anybody's business. */
const TRAVELLING = /^(CNI|UNDERLANE)_/;

/** Those variables of an environment that go to the agent, in their order. */
export function selectEnv(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const selected = Object.entries(env).filter(
    (entry): entry is [string, string] => TRAVELLING.test(entry[0]) && entry[1] !== undefined,
  );
  return Object.fromEntries(selected);
}

/** `K=V` with NUL between two, as an environment has them in memory. */
export function encodeEnv(env: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  for (const entry of entries) requireEntry(entry);
  return Buffer.from(entries.join('\0'), 'utf8');
}

/** @throws WireError WIRE_ENV naming the entry that is no `CNI_*=...` or `UNDERLANE_*=...`, or that the text is no UTF-8 */
export function decodeEnv(block: Uint8Array): Readonly<Record<string, string>> {
  if (block.length === 0) return {};
  return Object.fromEntries(
    decodeText(block)
      .split('\0')
      .map(entry => {
        requireEntry(entry);
        const equals = entry.indexOf('=');
        return [entry.slice(0, equals), entry.slice(equals + 1)];
      }),
  );
}

function requireEntry(entry: string): void {
  if (TRAVELLING.test(entry) && entry.includes('=') && !entry.includes('\0')) return;
  throw new WireError(
    'WIRE_ENV',
    `Environment holds ${JSON.stringify(entry.slice(0, 80))}, expected CNI_*=... or UNDERLANE_*=...`,
  );
}

function decodeText(block: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(block);
  } catch (error) {
    throw new WireError('WIRE_ENV', 'Environment is no UTF-8 text', { cause: error });
  }
}
