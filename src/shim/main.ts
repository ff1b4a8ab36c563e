/**
 * The shim in JavaScript, for machines without a C compiler: the same program as shim/shim.c, about 40 ms slower a call.
 * Its argument is the name that the C shim takes from its own program: `main.ts macvlan`.
 */
import { drain } from './drain.ts';
import { runShim } from './run-shim.ts';

const { exitCode, output, usage } = await runShim({
  name: process.argv[2] ?? 'underlane',
  env: process.env,
  stdin: process.stdin,
});
if (usage !== undefined) process.stderr.write(usage);
process.stdout.write(output);
process.exitCode = exitCode;
if (usage === undefined) await drain(process.stdin);
