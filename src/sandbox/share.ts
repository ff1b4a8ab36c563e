import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SandboxError } from './errors.ts';

/** Folders that come with the program: beside the bundle (`dist/lib`) when built, in the checkout otherwise. */
export interface ShareDirs {
  readonly crds: string;
  readonly examples: string;
  /** CNI plugins, one file a name. */
  readonly cniBin: string;
}

/** @throws SandboxError NOT_FOUND when the CNI plugins were not built */
export function findShareDirs(): ShareDirs {
  const bundled = fromHere('../share/crds');
  const dirs: ShareDirs = existsSync(bundled)
    ? { crds: bundled, examples: fromHere('../share/examples'), cniBin: fromHere('../cni') }
    : { crds: fromHere('../../deploy/crds'), examples: fromHere('../../examples'), cniBin: fromHere('../../dist/cni') };
  if (!existsSync(dirs.cniBin))
    throw new SandboxError(
      'NOT_FOUND',
      `Cannot find the CNI plugins: no folder "${dirs.cniBin}", expected it from \`npm run build\``,
    );
  return dirs;
}

function fromHere(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
