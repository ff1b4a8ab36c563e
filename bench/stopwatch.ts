import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One call of a CNI plugin, as a container runtime makes it. */
export interface CniCall {
  readonly program: string;
  readonly command: 'ADD' | 'DEL';
  readonly containerId: string;
  readonly netns: string;
  readonly cniPath: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface CniTiming {
  /** From the program's start to its end. */
  readonly ns: number;
  readonly stdout: string;
}

export type Stopwatch = (call: CniCall) => CniTiming;

/** A stopwatch that starts plugins from C, since Node's own spawning takes longer than most of what is measured. */
export function makeStopwatch(workDir: string, env: Readonly<Record<string, string>>): Stopwatch {
  const stdin = join(workDir, 'stdin.json');
  const stdout = join(workDir, 'stdout.json');
  return ({ program, command, containerId, netns, cniPath, config }) => {
    writeFileSync(stdin, JSON.stringify(config));
    const cni = {
      CNI_COMMAND: command,
      CNI_CONTAINERID: containerId,
      CNI_NETNS: netns,
      CNI_IFNAME: 'eth0',
      CNI_PATH: cniPath,
    };
    const run = spawnSync(join(workDir, 'stopwatch'), [stdin, stdout, program], {
      env: { PATH: process.env['PATH'], ...env, ...cni },
      encoding: 'utf8',
    });
    const printed = readFileSync(stdout, 'utf8');
    if (run.status !== 0) throw new Error(`${program} ${command} failed: ${printed || run.stderr}`);
    return { ns: Number(run.stdout), stdout: printed };
  };
}
