import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { namespaceWrapper } from '../../scripts/test/namespace.ts';
import { runChild } from '../../scripts/test/run-child.ts';
import { labCache } from './kernel-root.ts';
import { type LabLine, type LabRequest, readAnswer, requestPath } from './lab-run.ts';

export interface LabOptions extends LabRequest {
  /** From ensureKernelRoot(). */
  readonly root: string;
  readonly timeoutMs: number;
  /** Called with what is there so far, every now and then. */
  readonly watch: (soFar: () => readonly LabLine[]) => Disposable;
}

export interface LabOutcome {
  readonly lines: readonly LabLine[];
  /** Why the kernel ended before it had answered all; undefined when it did. */
  readonly problem: string | undefined;
  /** What the kernel and its programs printed. */
  readonly output: string;
}

/**
 * Boots the second kernel, runs test files in it and waits for its end. Its processes and mounts are in namespaces of their own, which
 * the kernel takes down with us; only a small folder in the cache may
 * stay behind then, until ensureKernelRoot().
 */
export async function runInLab({ root, files, timeoutMs, watch }: LabOptions): Promise<LabOutcome> {
  await mkdir(labCache(), { recursive: true });
  const folder = await mkdtemp(join(labCache(), `run-${process.pid}-`));
  try {
    await writeFile(requestPath(folder), JSON.stringify({ files } satisfies LabRequest));
    const init = join(folder, 'init');
    await writeFile(init, `#!/bin/sh\nexec ${initCommand(root, folder).map(quote).join(' ')}\n`);
    await chmod(init, 0o755);
    using _watch = watch(() => readAnswer(folder));
    const command = ['env', ...namespaceWrapper(), 'sh', join(import.meta.dirname, 'boot.sh'), root, init];
    const { problem, output } = await runChild({ command, timeoutMs });
    const lines = readAnswer(folder);
    const isWhole = lines.filter(({ type }) => type === 'file').length === files.length;
    return { lines, problem: isWhole ? undefined : (problem ?? 'powered off too early'), output };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function initCommand(root: string, folder: string): readonly string[] {
  const inside = [process.execPath, join(import.meta.dirname, 'inside.ts'), folder];
  return ['sh', join(import.meta.dirname, 'init.sh'), root, resolve('.'), ...inside];
}

/** A word of a shell command. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
