/**
 * The shim in JavaScript, for machines without a C compiler: the same program as shim/shim.c, about 40 ms slower a call.
 * A script of the plugin's name starts it with that name in UNDERLANE_PLUGIN, which goes no further.
 */
import { runShim } from './run-shim.ts';

const { UNDERLANE_PLUGIN: name = 'underlane', ...env } = process.env;
const { exitCode, output, usage } = await runShim({ name, env, stdin: process.stdin });
if (usage !== undefined) process.stderr.write(usage);
process.stdout.write(output);
process.exitCode = exitCode;
