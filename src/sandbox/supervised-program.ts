import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Log, systemClock } from '#base';
import { SandboxError } from './errors.ts';
import { ownProgram } from './program.ts';

export interface SupervisedProgramOptions {
  /** For people: `agent of node "n1"`. */
  readonly title: string;
  /** The program's command, and its flags. */
  readonly command: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What died is started again after this: as a node's supervisor does, and short enough for a DEL's retries. */
const RESTART_MS = 500;
/** What says nothing for this long will not come up. */
const READY_MS = 30_000;

/**
 * Runs a command of this very program, again and again. Resolves when it is ready for the first time.
 *
 * @throws SandboxError CHILD_DIED when it does not become so
 */
export async function startSupervised(options: SupervisedProgramOptions): Promise<void> {
  const file = createWriteStream(options.logFile, { flags: 'a' });
  const first = spawnProgram(options);
  await untilReady(first, file, options);
  void keepRunning(first, file, options);
}

async function keepRunning(first: ChildProcess, file: WriteStream, options: SupervisedProgramOptions): Promise<void> {
  const { title, log, signal } = options;
  let child = first;
  while (!signal.aborted) {
    await ended(child);
    log.warn({ title, code: child.exitCode, signal: child.signalCode }, 'a program ended, starting it again');
    await systemClock.sleep(RESTART_MS, signal).catch(() => undefined); // rejects on abort, which the loop looks at itself
    if (signal.aborted) return;
    child = spawnProgram(options);
    child.stderr?.pipe(file, { end: false });
  }
}

function spawnProgram({ command, flags, env }: SupervisedProgramOptions): ChildProcess {
  const [node, main] = ownProgram();
  return spawn(node, [main, command, ...Object.entries(flags).flat()], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
}

/** A program says `ready` on stderr, on a line of its own. */
async function untilReady(
  child: ChildProcess,
  file: WriteStream,
  { title, logFile }: SupervisedProgramOptions,
): Promise<void> {
  if (child.stderr === null) throw new SandboxError('CHILD_DIED', `Cannot read the ${title}: it has no stderr`);
  child.stderr.pipe(file, { end: false });
  const lines = createInterface({ input: child.stderr });
  const failed = (why: string): SandboxError =>
    new SandboxError('CHILD_DIED', `Cannot start the ${title}: ${why}, see ${logFile}`);
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    let last = '';
    timer = setTimeout(() => reject(failed(`not ready after ${READY_MS} ms, last words "${last}"`)), READY_MS);
    lines.on('line', line => {
      last = line;
      if (line === 'ready') resolve();
    });
    lines.on('close', () => reject(failed(`it ended with "${last}"`)));
  }).finally(() => clearTimeout(timer));
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
  });
}
