/** For kernel tests: a directory that can be a process's root, as a container sees the node that it is on. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface HostRoot extends Disposable {
  readonly path: string;
  /** Writes an executable below the root; an interpreter named there is the machine's own. */
  write(path: string, text: string): void;
}

/** Holds the machine's programs, mounted; everything else is the test's own. Needs a mount namespace to throw away. */
export function makeHostRoot(): HostRoot {
  // What is mounted there later, as pods' namespaces are, shows in both.
  execFileSync('mount', ['--make-rshared', '/run']);
  const root = mkdtempSync(join(tmpdir(), 'underlane-root-'));
  const mounted: string[] = [];
  for (const name of ['usr', 'bin', 'sbin', 'lib', 'lib64', 'dev', 'proc', 'run']) {
    const status = lstatSync(`/${name}`, { throwIfNoEntry: false });
    const path = join(root, name);
    if (status?.isSymbolicLink()) symlinkSync(readlinkSync(`/${name}`), path);
    if (!status?.isDirectory()) continue;
    mkdirSync(path);
    // With all that is mounted below: a user namespace may not uncover what lies under it.
    execFileSync('mount', ['--rbind', `/${name}`, path]);
    mounted.push(path);
  }
  return {
    path: root,
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      chmodSync(join(root, path), 0o755);
    },
    [Symbol.dispose]() {
      for (const path of mounted) execFileSync('umount', ['--lazy', path]);
      // Never into what could not be unmounted.
      rmSync(root, { recursive: true });
    },
  };
}
