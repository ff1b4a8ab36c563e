import { codeOf, messageOf } from '#base';

/** Stable exit codes: 0 done, 1 failed, 2 wrong usage; 128 + N when a signal ended it. */
const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Runs one command line and resolves with the exit code. Errors end as one sentence on stderr. */
export async function runCli(args: readonly string[]): Promise<number> {
  try {
    const [first = '', ...rest] = args;
    // Many of the sandbox's own processes start: none of them loads the command line parser.
    if (first.startsWith('sandbox-')) {
      const { isSandboxProcess, runSandboxProcess } = await import('#sandbox');
      if (isSandboxProcess(first)) return await runSandboxProcess(first, rest);
    }
    const { createProgram } = await import('./program.ts');
    let exitCode: number = EXIT.done;
    const program = createProgram(code => {
      exitCode = code;
    });
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said on stderr what is wrong with the command line, or printed the help that was asked for.
    if (codeOf(error).startsWith('commander.')) return commanderExitCode(error) === 0 ? EXIT.done : EXIT.usage;
    process.stderr.write(`underlane: ${messageOf(error)}\n`);
    return EXIT.failed;
  }
}

function commanderExitCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'exitCode' in error ? error.exitCode : undefined;
}
