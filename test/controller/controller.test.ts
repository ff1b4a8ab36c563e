import { openSandboxTarget } from '../api-contract/target.ts';
import { testController } from './suite.ts';

testController('sandbox', openSandboxTarget);
