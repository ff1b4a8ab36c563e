/**
 * The shim in JavaScript, for machines without a C compiler: the same program as shim/shim.c, about 40 ms slower a call.
 * Its argument is the name that the C shim takes from its own program: `main.ts macvlan`.
 */
import { drain } from './drain.ts';
import { EXEC, launch } from './launch.ts';
import { runShim } from './run-shim.ts';

const [name = 'underlane', mode, ...rest] = process.argv.slice(2);
// As good as a return: launch() ends with the process having become another program, or with what stood in the way.
if (mode === EXEC) process.exit(await launch(rest));

const { exitCode, output, usage } = await runShim({
  name,
  env: process.env,
  stdin: process.stdin,
});
if (usage !== undefined) process.stderr.write(usage);
process.stdout.write(output);
process.exitCode = exitCode;
if (usage === undefined) await drain(process.stdin);
