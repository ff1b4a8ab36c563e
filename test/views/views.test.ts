import { openSandboxTarget } from '../api-contract/target.ts';
import { KUBE_OVN, NEWER_PEERS, OLDER_WHEREABOUTS } from './peer-definitions.ts';
import { testViews } from './suite.ts';

for (const definitions of [OLDER_WHEREABOUTS, NEWER_PEERS, KUBE_OVN])
  testViews('sandbox', definitions, openSandboxTarget);
