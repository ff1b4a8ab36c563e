/** Two set-ups at once in one checkout would tear each other's files apart, so one waits for the other. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { findProgram } from './platform.mjs';
import { fail } from './report.mjs';

/** Runs a command while holding the checkout's lock, its output on stderr. Ends the process when it fails. */
export async function runLocked(command) {
  const flock = findProgram('flock');
  if (flock === undefined) fail('Cannot find "flock": apt-get install util-linux');
  mkdirSync('.stamps', { recursive: true });
  // The kernel drops the lock with the last process that holds it, so a killed set-up leaves nothing to clean.
  const child = spawn(flock, ['.stamps/lock', ...command], { stdio: ['ignore', 2, 2] });
  const forward = signal => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  const exitCode = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal === null ? code : 1));
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, forward);
  if (exitCode !== 0) process.exit(exitCode);
}
