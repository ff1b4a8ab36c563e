import type { AdmissionRequest, AdmissionResponse } from '#api';
import { Counter, type Registry } from '#health';
import type { Reviewer } from './reviewer.ts';

const NAME = 'underlane_webhook_reviews_total';

/** A reviewer whose answers are counted, until it is disposed of. */
export function countReviews(reviewer: Reviewer, registry: Registry): Reviewer & Disposable {
  const reviews = new Counter({
    name: NAME,
    help: 'Objects reviewed for API servers, by resource, operation and answer; failed: the API server decided without us',
    labelNames: ['resource', 'operation', 'answer'],
    registers: [registry],
  });
  const counted =
    (answer: Reviewer['validate'], describe: (response: AdmissionResponse) => string): Reviewer['validate'] =>
    async (request, signal) => {
      const count = (result: string): void => reviews.inc({ ...labelsOf(request), answer: result });
      try {
        const response = await answer(request, signal);
        count(describe(response));
        return response;
      } catch (error) {
        count('failed');
        throw error;
      }
    };
  return {
    validate: counted(reviewer.validate, ({ allowed }) => (allowed ? 'allowed' : 'refused')),
    complete: counted(reviewer.complete, ({ patch }) => (patch === undefined ? 'unchanged' : 'completed')),
    // A replica may serve more than once.
    [Symbol.dispose]: () => registry.removeSingleMetric(NAME),
  };
}

function labelsOf({ operation, resource: { group, resource } }: AdmissionRequest) {
  return { resource: `${resource}.${group}`, operation };
}
