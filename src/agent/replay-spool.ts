import type { Journal } from '#attach';
import { type Log, messageOf } from '#base';
import { listSpool, readSpooled, removeSpooled, setAsideSpooled, type WireRequest } from '#wire';
import type { Answer } from './cni-server.ts';
import { AgentError } from './errors.ts';
import type { RetryLoop } from './retry-loop.ts';

export interface SpoolReplay {
  readonly dir: string;
  readonly answer: (request: WireRequest) => Promise<Answer>;
  readonly journal: Pick<Journal, 'list'>;
  /** Takes what could not be done. */
  readonly retries: Pick<RetryLoop, 'add'>;
  readonly log: Log;
}

/** Counted under this name. */
export const SPOOLED_DEL = 'spooled_del';

/**
 * Carries out the DELs that shims wrote to disk while no agent ran, oldest first. A file goes once its DEL is done, which
 * may be later; one that is no request is set aside. To be called with the socket bound already: a shim that finds it
 * bound no longer spools.
 */
export async function replaySpool(replay: SpoolReplay): Promise<void> {
  for (const path of await listSpool(replay.dir)) await replayOne(path, replay);
}

async function replayOne(path: string, { answer, journal, retries, log }: SpoolReplay): Promise<void> {
  let request: WireRequest;
  try {
    request = await readSpooled(path);
  } catch (error) {
    log.error({ file: path, error: messageOf(error) }, 'Spooled DEL is unreadable; set aside as *.broken');
    await setAsideSpooled(path);
    return;
  }
  const { exitCode, stdout } = await answer(request);
  if (exitCode === 0) return removeSpooled(path);
  const { CNI_CONTAINERID: containerId, CNI_IFNAME: ifname } = request.env;
  const left = journal.list().filter(({ key }) => key.containerId === containerId && key.ifname === ifname);
  const nonces = new Set(left.map(({ nonce }) => nonce));
  retries.add(
    {
      id: path,
      kind: SPOOLED_DEL,
      cure: 'Look at what the attachments of this container wait for; without any, remove the file',
      // Whatever could not be undone is tried again by itself. The DEL must not be repeated: another ADD of this
      // container may have come since.
      async run() {
        if (journal.list().some(({ nonce }) => nonces.has(nonce))) {
          throw new AgentError(
            'SPOOLED_DEL',
            `Cannot forget spooled DEL of container "${containerId}": an attachment of it is not undone yet`,
          );
        }
        await removeSpooled(path);
      },
    },
    new AgentError('SPOOLED_DEL', stdout),
  );
}
