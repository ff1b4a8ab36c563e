import { testApiServer } from './suite.ts';
import { openSandboxTarget } from './target.ts';

testApiServer('sandbox server', openSandboxTarget);
