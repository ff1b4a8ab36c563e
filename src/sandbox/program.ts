import { SandboxError } from './errors.ts';

/** How to start this very program again: the interpreter, and the file it was started with. */
export function ownProgram(): readonly [command: string, main: string] {
  const main = process.argv[1];
  if (main === undefined)
    throw new SandboxError('BAD_CONFIG', 'Cannot start a child: this process was started without a program file');
  return [process.execPath, main];
}
