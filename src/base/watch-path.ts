import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock } from './clock.ts';

/** Some mounts tell of nothing that changes behind them: how often to look anyway. */
const LOOK_AGAIN_MS = 10_000;

/**
 * Calls `onChange` whenever something may have changed at a path or in the directory that it is, also while the path, or
 * directories above it, are not there yet or come and go. Rather far too often than once too rarely. Ends with the signal.
 */
export function watchPath(path: string, onChange: () => void, clock: Clock, signal: AbortSignal): void {
  let watched: string | undefined;
  let watchers: FSWatcher[] = [];

  function close(): void {
    for (const watcher of watchers) watcher.close();
    watchers = [];
    watched = undefined;
  }

  /** Watches the path as far as it is there, and what it stands in: that is where it goes away. */
  function follow(): void {
    const nearest = nearestThere(path);
    if (signal.aborted || watched === nearest) return;
    close();
    try {
      add(nearest, () => look());
      add(dirname(nearest), name => {
        // Another one under the same name, perhaps: what is watched may be there no longer.
        if (name === null || name === basename(nearest)) close();
        look();
      });
      watched = nearest;
      // More of the path may have come before the watching began.
      if (nearestThere(path) !== nearest) follow();
    } catch {
      // It went away just now, or the kernel has no watches left: looked at again below.
      close();
    }
  }

  function add(dir: string, onEvent: (name: string | null) => void): void {
    const watcher = watch(dir, (_, name) => onEvent(name));
    watchers.push(watcher);
    watcher.on('error', () => {
      close();
      look();
    });
  }

  function look(): void {
    if (signal.aborted) return;
    follow();
    onChange();
  }

  async function lookAgain(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(LOOK_AGAIN_MS, signal);
      close();
      look();
    }
  }

  signal.addEventListener('abort', close, { once: true });
  follow();
  // Rejects when the signal ends it.
  lookAgain().catch(() => undefined);
}

function nearestThere(path: string): string {
  let dir = path;
  while (!existsSync(dir) && dir !== dirname(dir)) dir = dirname(dir);
  return dir;
}
