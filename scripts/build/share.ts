import { cp } from 'node:fs/promises';
import { join } from 'node:path';

/** Copies what people and the sandbox apply to a cluster, and the licence. */
export async function copyShare(shareDir: string): Promise<void> {
  await cp('deploy/crds', join(shareDir, 'crds'), { recursive: true });
  await cp('examples', join(shareDir, 'examples'), { recursive: true });
  await cp('LICENSE', join(shareDir, 'LICENSE'));
}
