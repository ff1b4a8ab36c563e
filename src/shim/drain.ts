import type { Readable } from 'node:stream';

/** How much is still taken in, and how long a silent caller may leave its end open. */
const DRAIN_LIMIT = 16 * 1024 * 1024;
const DRAIN_WAIT_MS = 1000;

/**
 * Takes in what the caller still writes, then lets go of the stream: to end before would fail the caller's write, and with
 * that a call that was answered. Never throws: a stdin that cannot be read holds nobody up.
 */
export async function drain(stdin: Readable): Promise<void> {
  if (stdin.readableEnded || stdin.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const silence = setTimeout(resolve, DRAIN_WAIT_MS);
  let bytes = 0;
  stdin.on('data', (chunk: Uint8Array) => {
    silence.refresh();
    bytes += chunk.length;
    if (bytes >= DRAIN_LIMIT) resolve();
  });
  stdin.once('error', () => resolve()).once('close', resolve);
  await promise;
  clearTimeout(silence);
  stdin.destroy();
}
