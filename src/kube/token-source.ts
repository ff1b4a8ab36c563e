import { readFileSync } from 'node:fs';
import type { Clock } from '#base';
import { messageOf } from '#base';
import { KubeconfigError } from './errors.ts';
import type { Kubeconfig } from './kubeconfig.ts';

/** How long a token read from a file is used: kubelet replaces it well before it ends, so a minute is safe. */
const TOKEN_FILE_TTL_MS = 60_000;

/**
 * A function that gives the bearer token to send now, undefined where the configuration has none. A token file is read again every minute;
 * one that cannot be read at that time keeps its last content, because a node must not lose its API access to a short read error.
 *
 * @throws KubeconfigError UNREADABLE from the returned function, when the file has never been readable
 */
export function createTokenSource(
  config: Pick<Kubeconfig, 'token' | 'tokenFile'>,
  clock: Clock,
): () => string | undefined {
  const { tokenFile } = config;
  if (tokenFile === undefined) return () => config.token;
  let token: string | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock.now() - readAt < TOKEN_FILE_TTL_MS) return token;
    try {
      token = readFileSync(tokenFile, 'utf8').trim();
      readAt = clock.now();
    } catch (cause) {
      if (token === undefined)
        throw new KubeconfigError('UNREADABLE', `Cannot read token file "${tokenFile}": ${messageOf(cause)}`, {
          cause,
        });
    }
    return token;
  };
}
