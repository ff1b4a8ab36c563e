/** Entry of the program: everything else is loaded by the command that needs it. */
import { runCli } from './run-cli.ts';

const code = await runCli(process.argv.slice(2));
process.exitCode = code;
// What failed half-way may have left something open, which must not keep the process.
if (code !== 0) process.exit();
