/** Entry of the program: everything else is loaded by the command that needs it. */
import { runCli } from './run-cli.ts';

process.exitCode = await runCli(process.argv.slice(2));
