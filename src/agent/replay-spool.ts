import { type Log, messageOf } from '#base';
import { listSpool, readSpooled, removeSpooled, setAsideSpooled, type WireRequest } from '#wire';
import type { Answer } from './cni-server.ts';

/**
 * Carries out the DELs that shims wrote to disk while no agent ran, oldest first. One that cannot be done yet stays for the
 * next start; a file that is no request is set aside. To be called with the socket bound already: a shim that finds it
 * bound no longer spools.
 */
export async function replaySpool(
  dir: string,
  answer: (request: WireRequest) => Promise<Answer>,
  log: Log,
): Promise<void> {
  for (const path of await listSpool(dir)) {
    let request: WireRequest;
    try {
      request = await readSpooled(path);
    } catch (error) {
      log.error({ file: path, error: messageOf(error) }, 'Spooled DEL is unreadable; set aside as *.broken');
      await setAsideSpooled(path);
      continue;
    }
    const { exitCode, stdout } = await answer(request);
    if (exitCode === 0) await removeSpooled(path);
    else log.error({ file: path, error: stdout }, 'Spooled DEL failed; the next start tries again');
  }
}
