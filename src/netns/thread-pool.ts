import { stat } from 'node:fs';

// The pool belongs to the process and is made once, hence one flag a process.
let isWarm = false;

/**
 * Makes sure that Node's thread pool exists. A new thread starts in its creator's network namespace and stays there,
 * so the pool must not come into being while we are inside another one. The first request creates all threads
 * before it returns (`uv_queue_work`, `uv_once`).
 */
export function warmThreadPool(): void {
  if (isWarm) return;
  isWarm = true;
  // The outcome does not matter: the request itself is the purpose.
  stat('/', () => {});
}
