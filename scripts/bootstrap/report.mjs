/** What set-up tells the person at the terminal, all of it on stderr. */

/** Prints one line. */
export function say(text) {
  process.stderr.write(`underlane: ${text}\n`);
}

/** Prints one line and ends the process. */
export function fail(text, exitCode = 1) {
  say(text);
  process.exit(exitCode);
}

/** Runs `work`, saying what is going on and, every few seconds, that it still is. */
export async function withProgress(what, work) {
  const start = Date.now();
  const seconds = () => `${((Date.now() - start) / 1000).toFixed(1)} s`;
  say(`${what} ...`);
  const timer = setInterval(() => say(`  still ${what} (${seconds()})`), 5000);
  try {
    const result = await work();
    say(`  done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
