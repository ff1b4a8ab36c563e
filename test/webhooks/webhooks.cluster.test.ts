import { openClusterTarget } from '../api-contract/target.ts';
import { testWebhooks } from './suite.ts';

testWebhooks('kube-apiserver', openClusterTarget);
