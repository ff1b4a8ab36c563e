import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { CONTROL_FD } from '../inner/inherited-fds.ts';
import { ownProgram } from '../program.ts';
import type { SandboxOptions } from '../sandbox-options.ts';
import { openListener } from './listener.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';
import { requireTools, systemPath } from './required-tools.ts';
import { startJanitor } from './start-janitor.ts';
import { createStateDir, removeStaleStateDirs, type SandboxRecord, writeRecord } from './state-dir.ts';

/** A sandbox that does not end by itself within this time after a stop request is killed. */
const STOP_GRACE_MS = 3_000;

const NO_NAMESPACES = `underlane: Cannot start the sandbox: no namespaces of its own, see above. An ordinary user needs a kernel that
lets users make them (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces > 0); a container needs an unmasked /proc.
`;

/**
 * Runs a whole sandbox as one child that owns all its namespaces, and resolves with the exit code: what the sandbox
 * says (0 when all checks passed, else 1), 128 + N after a signal (130 after Ctrl-C). The kernel takes everything down when
 * this process dies, however it dies: unshare gets SIGKILL as its parent-death signal and passes it to pid 1 of the
 * sandbox, and with that every process, mount and network namespace in it goes. The folder of its files goes after them.
 *
 * @throws SandboxError TOOL_MISSING
 */
export async function runSandbox(options: SandboxOptions): Promise<number> {
  const path = systemPath(process.env['PATH']);
  requireTools(path);
  removeStaleStateDirs();
  const record = createStateDir();
  try {
    return await superviseSandbox(record, options, path);
  } finally {
    rmSync(record.dir, { recursive: true, force: true });
  }
}

async function superviseSandbox(record: SandboxRecord, options: SandboxOptions, path: string): Promise<number> {
  const janitor = startJanitor(record.dir);
  // The only thing that the sandbox has in the machine's own network: a loopback listener for kubectl.
  const listener = await openListener();
  const [command, main] = ownProgram();
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])],
      ...['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...[
        command,
        main,
        'sandbox-inner',
        JSON.stringify({ ...options, id: record.id, stateDir: record.dir, port: listener.port }),
      ],
    ],
    // A session of its own: Ctrl-C reaches this process only, which then asks the sandbox to stop.
    {
      stdio: ['ignore', 'inherit', 'inherit', listener.fd, 'pipe'],
      detached: true,
      env: { ...process.env, PATH: path },
    },
  );
  const control = child.stdio[CONTROL_FD] as Socket; // 'pipe' above makes it a socket
  control.on('error', () => undefined); // the child's exit is what counts
  let hasStarted = false;
  control.once('data', () => {
    hasStarted = true;
    const init = findInit(child);
    if (init === undefined) return;
    janitor.outlive(init.pid);
    writeRecord({ ...record, init });
  });
  const closed = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
  listener.close();
  const code = await untilStopped(child, control, closed);
  if (!hasStarted && code === 1) process.stderr.write(NO_NAMESPACES);
  return code;
}

/** Turns SIGINT, SIGTERM and SIGHUP into a request to stop; a second one, or the grace time's end, into SIGKILL. */
async function untilStopped(child: ChildProcess, control: Socket, closed: Promise<number>): Promise<number> {
  let stoppedBy: NodeJS.Signals | undefined;
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppedBy !== undefined) child.kill('SIGKILL');
    stoppedBy = signal;
    control.end();
    timer ??= setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const code = await closed;
    return stoppedBy === undefined ? code : 128 + constants.signals[stoppedBy];
  } finally {
    clearTimeout(timer);
    for (const signal of signals) process.removeListener(signal, onSignal);
    control.destroy();
  }
}

/** The sandbox's pid 1, as this side sees it: unshare's only child. */
function findInit(child: ChildProcess): ProcessIdentity | undefined {
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')[0]);
  return identifyProcess(pid);
}
