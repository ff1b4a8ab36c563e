import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { openClusterTarget, openSandboxTarget } from '../api-contract/target.ts';
import { findKubectls } from './find-kubectls.ts';
import { normalize } from './normalize.ts';
import { testSession } from './suite.ts';

/** The sandbox answers as a real API server does, in every word, but for the differences that the steps name. */
describe('the session on both servers', () => {
  const { onPath, debian12 } = findKubectls();
  if (onPath === undefined) describe('the session', { skip: 'kubectl is not on PATH' });
  if (debian12 === undefined) describe('the session', { skip: "Debian 12's kubectl was not downloaded" });
  for (const kubectl of [onPath, debian12].filter(found => found !== undefined)) {
    testSession(
      kubectl,
      [
        { name: 'sandbox', open: openSandboxTarget },
        { name: 'cluster', open: openClusterTarget },
      ],
      (step, { sandbox, cluster }, namespaces) => {
        if (step.differs !== undefined) return;
        const [own, real] = [sandbox, cluster].map((answer, index) =>
          normalize(`${answer?.stdout}\n${answer?.stderr}`, namespaces[index] ?? ''),
        );
        assert.equal(own, real);
      },
    );
  }
});
