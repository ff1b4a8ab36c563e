import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Compiles the bench's C programs into `dir`: what is measured must not be blurred by what measures. */
export function compilePrograms(dir: string): void {
  for (const name of ['floor', 'stopwatch']) {
    const args = ['-O2', '-o', join(dir, name), join(import.meta.dirname, `${name}.c`)];
    const { status, error, stderr } = spawnSync('gcc', args, { encoding: 'utf8' });
    if (error !== undefined)
      throw new Error('Cannot compile the C floor, as root run: apt-get install gcc libc6-dev linux-libc-dev');
    if (status !== 0) throw new Error(`Cannot compile bench/${name}.c:\n${stderr}`);
  }
}
