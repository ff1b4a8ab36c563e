import { describe } from 'node:test';
import { findKubectls, type Kubectl } from '../kubectl/find-kubectls.ts';

/** A guide's steps as tests, typed into the newest kubectl of this machine; skipped where there is none. */
export function describeGuide(guide: string, walkThrough: (kubectl: Kubectl) => void): void {
  const { onPath, debian12 } = findKubectls();
  const kubectl = onPath ?? debian12;
  describe(guide, { skip: kubectl === undefined ? 'kubectl is not on PATH' : false }, () => {
    if (kubectl !== undefined) walkThrough(kubectl);
  });
}
