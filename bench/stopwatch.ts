import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One call of a CNI plugin, as a container runtime makes it. */
export interface CniCall {
  readonly program: string;
  readonly command: 'ADD' | 'DEL';
  readonly containerId: string;
  readonly netns: string;
  readonly ifname: string;
  readonly cniPath: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Beside CNI's own. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface CniTiming {
  /** From the first program's start to the last one's end. */
  readonly ns: number;
  /** What each printed. */
  readonly stdout: readonly string[];
}

export interface Stopwatch {
  /** Makes each job's calls one after another, and at most so many jobs at once. @throws Error when a call fails */
  time(jobs: readonly (readonly CniCall[])[], atOnce: number): readonly CniTiming[];
}

/** A stopwatch that starts plugins from C, since Node's own spawning takes longer than most of what is measured. */
export function makeStopwatch(workDir: string): Stopwatch {
  const dir = join(workDir, 'calls');
  return {
    time(jobs, atOnce) {
      rmSync(dir, { recursive: true, force: true });
      mkdirSync(dir);
      const file = (job: number, step: number, what: string): string => join(dir, `${job}.${step}.${what}`);
      for (const [job, calls] of jobs.entries()) {
        for (const [step, call] of calls.entries()) {
          writeFileSync(file(job, step, 'env'), `${[call.program, ...environmentOf(call)].join('\0')}\0`);
          writeFileSync(file(job, step, 'in'), JSON.stringify(call.config));
        }
      }
      const args = [dir, String(jobs.length), String(atOnce)];
      const { status, stdout } = spawnSync(join(workDir, 'stopwatch'), args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (status !== 0) throw new Error('The stopwatch failed, see above');
      const lines = stdout.trimEnd().split('\n');
      return jobs.map((calls, job) => {
        const [ns, code] = (lines[job] ?? '').split(' ').map(Number);
        const print = (step: number): string => readFileSync(file(job, step, 'out'), 'utf8');
        if (code !== 0)
          throw new Error(`A call of ${nameOf(calls)} ended with ${code}: ${calls.map(lastWords(print)).join()}`);
        return { ns: ns ?? 0, stdout: calls.map((_, step) => print(step)) };
      });
    },
  };
}

function environmentOf({ command, containerId, netns, ifname, cniPath, env = {} }: CniCall): readonly string[] {
  const cni = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: netns,
    CNI_IFNAME: ifname,
    CNI_PATH: cniPath,
  };
  return Object.entries({ PATH: process.env['PATH'], ...cni, ...env }).map(([name, value]) => `${name}=${value}`);
}

function nameOf(calls: readonly CniCall[]): string {
  return calls.map(({ program, command }) => `${program} ${command}`).join(', ');
}

/** Of the programs that ran; a failed one is the last of them. */
function lastWords(print: (step: number) => string): (call: CniCall, step: number) => string {
  return (_, step) => {
    try {
      return print(step);
    } catch {
      return '';
    }
  };
}
