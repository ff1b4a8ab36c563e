import { openClusterTarget } from '../api-contract/target.ts';
import { testController } from './suite.ts';

testController('kube-apiserver', openClusterTarget);
