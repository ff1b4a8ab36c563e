import { openSandboxTarget } from '../api-contract/target.ts';
import { testWebhooks } from './suite.ts';

testWebhooks('sandbox', openSandboxTarget);
