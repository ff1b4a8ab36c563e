import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Target } from '../api-contract/target.ts';
import { eventually } from '../api-contract/target.ts';
import type { Kubectl } from './find-kubectls.ts';
import type { Session, StepOutcome } from './run-step.ts';
import { runStep } from './run-step.ts';
import type { Expectation, Step } from './step.ts';
import { expectationOf, titleOf } from './step.ts';
import { STEPS } from './steps.ts';

export interface ServerUnderTest {
  readonly name: 'sandbox' | 'cluster';
  open(): Promise<Target>;
}

/** What each server answered, by its name. */
export type Answers = Partial<Record<ServerUnderTest['name'], StepOutcome>>;

/**
 * The whole session of one kubectl, on several servers side by side. `compare` sees each step's answers after they were what they
 * had to be.
 */
export function testSession(
  kubectl: Kubectl,
  servers: readonly ServerUnderTest[],
  compare: (step: Step, answers: Answers, namespaces: readonly string[]) => void = () => {},
): void {
  describe(`kubectl ${kubectl.version} on ${servers.map(({ name }) => name).join(' and ')}`, () => {
    const home = mkdtempSync(join(process.env['UNDERLANE_TEST_NS'] === '1' ? '/run' : tmpdir(), 'underlane-kubectl-'));
    const targets: Target[] = [];
    before(async () => {
      for (const server of servers) targets.push(await server.open());
      for (const target of targets) await installCrds(sessionOf(target));
    });
    after(async () => {
      for (const target of targets) await target.close();
      rmSync(home, { recursive: true, force: true });
    });
    const sessionOf = (target: Target): Session => ({
      kubectl,
      kubeconfigPath: target.kubeconfigPath,
      namespace: target.namespace,
      home,
    });

    for (const [index, step] of STEPS.entries())
      test(`${index + 1}. ${titleOf(step)}`, async () => {
        const answers: Answers = {};
        for (const [place, { name }] of servers.entries()) {
          const target = targets[place];
          assert.ok(target !== undefined);
          const expected = expectationOf(step, name, Number(kubectl.version.split('.')[1]));
          answers[name] = await answerTo(sessionOf(target), step, expected);
        }
        compare(
          step,
          answers,
          targets.map(({ namespace }) => namespace),
        );
      });
  });
}

async function answerTo(session: Session, step: Step, expected: Expectation): Promise<StepOutcome> {
  const ready = step.inputFrom === undefined ? step : await withInput(session, step, step.inputFrom);
  if (step.isSettling)
    return eventually(titleOf(step), async () => {
      const outcome = await runStep(session, ready);
      return expected.shows?.test(outcome.stdout.trim()) ? outcome : undefined;
    });
  const outcome = await runStep(session, ready);
  const all = JSON.stringify(outcome, null, 2);
  assert.equal(outcome.exitCode !== 0, expected.fails ?? false, all);
  const shown = (expected.fails ? outcome.stderr : outcome.stdout).trim();
  if (expected.shows !== undefined) assert.match(shown, expected.shows, all);
  return outcome;
}

async function withInput(session: Session, step: Step, from: NonNullable<Step['inputFrom']>): Promise<Step> {
  const { stdout } = await runStep(session, { args: from.args });
  return { ...step, input: from.make(stdout) };
}

async function installCrds(session: Session): Promise<void> {
  for (const args of [
    ['apply', '-f', 'deploy/crds'],
    ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=20s'],
  ]) {
    const { exitCode, stderr } = await runStep(session, { args });
    assert.equal(exitCode, 0, stderr);
  }
}
