/** Runs test files in the second kernel, each in namespaces of its own as on the host. Argument: the folder with the request. */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { namespaceWrapper } from '../../scripts/test/namespace.ts';
import { runTestFiles } from '../../scripts/test/run-test-files.ts';
import { type LabRequest, openAnswer, requestPath } from './lab-run.ts';
import { printCapabilities, probeLinkKinds } from './link-kinds.ts';

const folder = process.argv[2] ?? '';
// The host's ring wrote it.
const request = JSON.parse(readFileSync(requestPath(folder), 'utf8')) as LabRequest;
using answer = openAnswer(folder);
answer.write({
  type: 'kernel',
  release: release(),
  linkKinds: await probeLinkKinds(),
  table: await printCapabilities(),
});
for (const file of request.files) {
  const outcome = await runTestFiles({
    files: [file],
    wrapper: namespaceWrapper(),
    env: { UNDERLANE_TEST_NS: '1' },
    testTimeoutMs: 120_000,
    timeoutMs: 180_000,
  });
  answer.write({ type: 'file', file, outcome });
}
