/** A node:test reporter for scripts/test.ts: one line of JSON on descriptor 3 for each test that ended. Suites are not tests. */
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';

const EVENTS_FD = 3;

// The runner takes nothing but a default export. Writes by itself, since the runner can only open a destination by its path and
// the pipe to scripts/test.ts is a socket, which has none that opens.
export default async function report(source) {
  // Names of the tests that are open, outermost first: events come in the order of the source.
  const path = [];
  for await (const { type, data } of source) {
    if (type === 'test:start') path.splice(data.nesting, path.length, data.name);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (isSuite(type, data)) continue;
    const name = [...path.slice(0, data.nesting), data.name].join(' > ');
    writeSync(EVENTS_FD, `${JSON.stringify({ name, ...toOutcome(type, data) })}\n`);
  }
}

/** A suite is heard of only when it is skipped whole or something of its own broke, a hook say. */
function isSuite(type, { details, skip }) {
  if (skip !== undefined) return false;
  return details?.type === 'suite' && (type === 'test:pass' || details.error?.failureType === 'subtestsFailed');
}

function toOutcome(type, { file, skip, todo, details }) {
  const outcome = { file, ms: details?.duration_ms ?? 0 };
  if (skip !== undefined) return { ...outcome, status: 'skipped', detail: reasonOf(skip) };
  if (todo !== undefined) return { ...outcome, status: 'skipped', detail: `todo: ${reasonOf(todo)}` };
  if (type === 'test:pass') return { ...outcome, status: 'passed' };
  return { ...outcome, status: 'failed', detail: describe(details.error) };
}

function reasonOf(flag) {
  return typeof flag === 'string' && flag !== '' ? flag : 'no reason given';
}

/** node:test wraps what the test threw; the wrapper's own stack says nothing. */
function describe(error) {
  const thrown = error?.cause ?? error;
  return thrown instanceof Error && thrown.code === 'ERR_ASSERTION' ? thrown.stack : inspect(thrown, { depth: 6 });
}
