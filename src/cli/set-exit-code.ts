/** Tells the exit code of a command that ran. */
export type SetExitCode = (code: number) => void;
