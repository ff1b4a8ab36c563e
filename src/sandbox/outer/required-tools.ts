import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { SandboxError } from '../errors.ts';

/** Programs that the sandbox runs, and the Debian package of each. */
const TOOLS: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  setpriv: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  nft: 'nftables',
};

/** @throws SandboxError TOOL_MISSING, one line that names the Debian packages to install */
export function requireTools(path: string): void {
  const missing = Object.keys(TOOLS).filter(tool => !isOnPath(tool, path));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(tool => TOOLS[tool]))].sort();
  throw new SandboxError(
    'TOOL_MISSING',
    `Cannot find ${missing.map(tool => `"${tool}"`).join(', ')}: install with \`apt-get install ${packages.join(' ')}\``,
  );
}

/** PATH with the system folders that an ordinary user's may lack: `ip` and `nft` live in /usr/sbin. */
export function systemPath(path: string | undefined): string {
  const folders = (path ?? '').split(':').filter(folder => folder !== '');
  return [...new Set([...folders, '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'])].join(
    ':',
  );
}

function isOnPath(tool: string, path: string): boolean {
  return path.split(':').some(folder => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
