import type { Container, SandboxPod } from '../resources.ts';

/** How a pod's containers end by themselves. */
export interface PlannedEnd {
  readonly afterMs: number;
  readonly exitCode: number;
}

/**
 * When the pod's containers end by themselves; undefined for those that run until they are stopped, as servers do. No image is run here, so
 * only commands without any work are understood: `true`, `false` and `sleep SECONDS`.
 */
export function plannedEnd({ spec }: SandboxPod): PlannedEnd | undefined {
  const ends = (spec.containers ?? []).map(endOf);
  const known = ends.filter(end => end !== undefined);
  if (known.length === 0 || known.length < ends.length) return undefined;
  return {
    afterMs: Math.max(...known.map(({ afterMs }) => afterMs)),
    exitCode: Math.max(...known.map(({ exitCode }) => exitCode)),
  };
}

function endOf({ command = [], args = [] }: Container): PlannedEnd | undefined {
  const [program = '', seconds = '', ...more] = [...command, ...args];
  if (more.length > 0) return undefined;
  switch (program.replace(/^\/(usr\/)?bin\//, '')) {
    case 'true':
      return { afterMs: 0, exitCode: 0 };
    case 'false':
      return { afterMs: 0, exitCode: 1 };
    case 'sleep':
      return /^\d+(\.\d+)?$/.test(seconds) ? { afterMs: Number(seconds) * 1000, exitCode: 0 } : undefined;
    default:
      return undefined;
  }
}

/** Whether containers that ended with this code are started again. */
export function isRestarted({ spec }: SandboxPod, exitCode: number): boolean {
  const { restartPolicy = 'Always' } = spec;
  return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
}
