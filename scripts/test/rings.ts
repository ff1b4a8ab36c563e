import type { Ring } from './ring.ts';
import { runClusterRing } from './run-cluster-ring.ts';
import { runKernelRing } from './run-kernel-ring.ts';
import { runLabRing } from './run-lab-ring.ts';
import { runSandboxRing } from './run-sandbox-ring.ts';
import { runStaticRing } from './run-static-ring.ts';
import { runUnitRing } from './run-unit-ring.ts';

/** In the order in which they run: what fails fastest comes first. */
export const RINGS: readonly Ring[] = [
  { id: '0', name: 'static', purpose: 'types, format, lint, imports, dead code, generated files', run: runStaticRing },
  { id: '1', name: 'unit', purpose: 'pure logic, no root', run: runUnitRing },
  { id: '2', name: 'kernel', purpose: 'real netlink in a throw-away namespace', run: runKernelRing },
  { id: '3', name: 'lab', purpose: 'the same on a second kernel that has every link kind', run: runLabRing },
  { id: '4', name: 'sandbox', purpose: 'the built program and the whole two-node system', run: runSandboxRing },
  { id: '5', name: 'cluster', purpose: 'a real kube-apiserver with etcd, and stock kubectls', run: runClusterRing },
];
