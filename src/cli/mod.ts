/** The `underlane` command. */
export { runCli } from './run-cli.ts';
