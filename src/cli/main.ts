/** Entry of the program: everything else is loaded by the command that needs it. */
import { codeOf } from '#base';
import { runCli } from './run-cli.ts';

/** What a shell reports of a program that SIGPIPE has ended, which Node.js ignores. */
const SIGPIPE_EXIT_CODE = 141;

// `underlane agent --help | head`: whoever reads has read enough.
process.stdout.on('error', error => {
  if (codeOf(error) !== 'EPIPE') throw error;
  process.exit(SIGPIPE_EXIT_CODE);
});

const code = await runCli(process.argv.slice(2));
process.exitCode = code;
// What failed half-way may have left something open, which must not keep the process.
if (code !== 0) process.exit();
