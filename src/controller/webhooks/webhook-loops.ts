import type { Loop } from '../loop.ts';
import { announceWebhooks } from './announce-webhooks.ts';
import { answerWebhooks } from './answer-webhooks.ts';
import { withdrawWebhooks } from './withdraw-webhooks.ts';

/**
 * Every replica answers, and one tells API servers to ask. Where nobody said how API servers reach the webhooks none answers,
 * and one sees to it that nobody asks.
 */
export const WEBHOOK_LOOPS: readonly Loop[] = [
  {
    name: 'webhooks',
    runsOn: 'every',
    start: (deps, signal) => {
      const { webhooks } = deps.options;
      return webhooks === undefined ? untilAborted(signal) : answerWebhooks(webhooks, deps, signal);
    },
  },
  {
    name: 'webhook-configurations',
    runsOn: 'leader',
    start: (deps, signal) => {
      const { webhooks } = deps.options;
      return webhooks === undefined ? withdrawWebhooks(deps, signal) : announceWebhooks(webhooks, deps, signal);
    },
  },
];

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
