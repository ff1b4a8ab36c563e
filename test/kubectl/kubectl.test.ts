import { describe } from 'node:test';
import { openSandboxTarget } from '../api-contract/target.ts';
import { findKubectls } from './find-kubectls.ts';
import { testSession } from './suite.ts';

const { onPath, debian12 } = findKubectls();

if (onPath === undefined) describe('the session', { skip: 'kubectl is not on PATH' });
else testSession(onPath, [{ name: 'sandbox', open: openSandboxTarget }]);

if (debian12 === undefined) describe('the session', { skip: "Debian 12's kubectl was not downloaded" });
else testSession(debian12, [{ name: 'sandbox', open: openSandboxTarget }]);
