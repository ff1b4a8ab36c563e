import { testApiServer } from './suite.ts';
import { openClusterTarget } from './target.ts';

testApiServer('kube-apiserver', openClusterTarget);
