import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxPod } from '../resources.ts';
import { isRestarted, plannedEnd } from './planned-end.ts';

function pod(...commands: readonly (readonly string[])[]): SandboxPod {
  return { metadata: { name: 'p' }, spec: { containers: commands.map(command => ({ name: 'c', command })) } };
}

test('plannedEnd() knows commands that do nothing', () => {
  assert.deepEqual(plannedEnd(pod(['true'])), { afterMs: 0, exitCode: 0 });
  assert.deepEqual(plannedEnd(pod(['/bin/false'])), { afterMs: 0, exitCode: 1 });
  assert.deepEqual(plannedEnd(pod(['sleep', '1.5'], ['false'])), { afterMs: 1500, exitCode: 1 });
});

test('plannedEnd() lets everything else run', () => {
  for (const command of [[], ['nginx'], ['sleep', 'infinity'], ['sleep', '1', '2'], ['sh', '-c', 'true']])
    assert.equal(plannedEnd(pod(command)), undefined, command.join(' '));
  assert.equal(plannedEnd(pod(['true'], ['nginx'])), undefined, 'as long as one of them runs');
});

test("isRestarted() goes by the pod's policy", () => {
  const restarts = (restartPolicy: string | undefined): boolean[] =>
    [0, 1].map(code =>
      isRestarted({ metadata: { name: 'p' }, spec: restartPolicy === undefined ? {} : { restartPolicy } }, code),
    );
  assert.deepEqual([undefined, 'Always', 'OnFailure', 'Never'].map(restarts), [
    [true, true],
    [true, true],
    [false, true],
    [false, false],
  ]);
});
