import { loadKoffi } from './libc.ts';

/** A watch on a descriptor's readiness. Close it before the descriptor. */
export interface ReadinessWatch {
  /** Ends the watch: no call comes after this. May be called more than once. */
  close(): void;
}

/**
 * Calls `onReadable` from the event loop whenever `fd` can be read; it must read until EAGAIN.
 * Does not keep the process alive.
 */
export function watchReadable(fd: number, onReadable: () => void): ReadinessWatch {
  let isClosed = false;
  let isScheduled = false;
  const handle = loadKoffi().node.poll(fd, { readable: true }, () => {
    if (isScheduled) return;
    isScheduled = true;
    // koffi calls back outside of Node's callback scope: an exception would be lost and promises would not run on.
    setImmediate(() => {
      isScheduled = false;
      if (!isClosed) onReadable();
    });
  });
  handle.unref();
  return {
    close() {
      // Once only, and never stop() after it: koffi frees the handle in close() and would touch it again.
      if (isClosed) return;
      isClosed = true;
      handle.close();
    },
  };
}
