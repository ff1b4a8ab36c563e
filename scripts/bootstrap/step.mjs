/** One program run by set-up. */
import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { fail } from './report.mjs';

/**
 * Runs a program to its end. Its output goes to `log`, and to stderr too unless quiet.
 * On failure shows the end of the log and ends the process, or returns false where failing is allowed.
 */
export async function runStep({ command, log, isQuiet = true, mayFail = false, env = process.env }) {
  const [program, ...args] = command;
  const file = createWriteStream(log);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      file.write(chunk);
      if (!isQuiet) process.stderr.write(chunk);
    });
  }
  const problem = await new Promise(resolve => {
    child.on('error', error => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  await new Promise(resolve => file.end(resolve));
  if (problem === undefined) return true;
  if (mayFail) return false;
  const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  if (isQuiet) process.stderr.write(`${tail}\n`);
  return fail(`Cannot run "${command.join(' ')}": ${problem} (whole output in ${log})`);
}
