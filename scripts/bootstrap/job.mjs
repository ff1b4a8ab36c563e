/** The job that was asked for, run as a child that lives and dies with us. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { findProgram, readStamp } from './platform.mjs';
import { fail } from './report.mjs';

/** Runs the job with our own stdin, stdout and stderr, then ends the process as it ended. */
export async function runJob(command) {
  const child = spawn(...withParentDeath(command), { stdio: 'inherit' });
  child.on('error', error => fail(`Cannot run "${command[0]}": ${error.message}`));
  // A terminal's Ctrl-C reaches the child by itself; a second SIGINT would mean "hurry".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal));
  const watch = watchNpm(() => child.kill('SIGTERM'));
  const [code, signal] = await new Promise(resolve => child.on('exit', (...outcome) => resolve(outcome)));
  clearInterval(watch);
  process.exit(signal === null ? code : 128 + constants.signals[signal]);
}

/** setpriv makes the kernel tell the child when we are killed without a chance to tell it ourselves. */
function withParentDeath(command) {
  const setpriv = findProgram('setpriv');
  const [program, ...args] = setpriv === undefined ? command : [setpriv, '--pdeathsig', 'TERM', ...command];
  return [program, args];
}

/**
 * npm killed the hard way tells nobody and the kernel gives no event for a lost parent, so look once a second.
 * Between npm and us there may be its shell, which lives on: so look at the parent's parent as well.
 */
function watchNpm(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const before = ancestors();
  return setInterval(() => ancestors() === before || onGone(), 1000).unref();
}

function ancestors() {
  const status = readStamp(`/proc/${process.ppid}/status`) ?? '';
  return `${process.ppid} ${/^PPid:\s*(\d+)/m.exec(status)?.[1]}`;
}
