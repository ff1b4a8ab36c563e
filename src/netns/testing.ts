/** What the kernel tests share: those of all rooms the first function, those of this room the second. */
import { join } from 'node:path';

/** Options of a kernel test: skipped, with the reason, unless the caller made a throw-away namespace for it. */
export function skipUnlessRing2(): { readonly skip: string | false } {
  return {
    skip:
      process.env['UNDERLANE_TEST_NS'] === '1'
        ? false
        : 'needs a throw-away namespace: set UNDERLANE_TEST_NS=1 inside one',
  };
}

/** A path that no other test uses. The mounts there go with the test's mount namespace. */
export function namespacePath(name: string): string {
  return join('/run/netns', `${name}-${process.pid}`);
}
