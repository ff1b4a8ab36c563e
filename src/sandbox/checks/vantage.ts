import { request } from 'node:http';
import { hostPort } from '../family.ts';
import type { DialOutcome } from '../pod/dial.ts';
import { type Check, checkFailed } from './check.ts';

/** A place in the network from which requests can be made: a pod, a node, the outsider. */
export interface Vantage {
  readonly name: string;
  /** Of the responder that lives there; a unix socket, so that asking takes no part in what is tested. */
  readonly controlSocket: string;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Default `/hostname`. */
  readonly path?: string;
}

export interface RequestCheck extends Omit<Check, 'from' | 'attempt'> {
  readonly from: Vantage;
  readonly target: Target;
  readonly expected: readonly string[];
}

/** A check that one HTTP request from `from` to `target` gets one of the expected answers. */
export function requestCheck({ name, family, from, to, target, expected }: RequestCheck): Check {
  return {
    name,
    family,
    from: from.name,
    to,
    async attempt() {
      const outcome = await dialFrom(from, target);
      if ('error' in outcome) throw checkFailed(outcome.error);
      if (outcome.status !== 200 || !expected.includes(outcome.body)) {
        throw checkFailed(
          `${hostPort(target.host, target.port)} answered ${outcome.status} "${outcome.body}", expected "${expected.join('" or "')}"`,
        );
      }
      return outcome.ms;
    },
  };
}

/** Lets the responder at `from` make a request. @throws when the responder itself cannot be asked */
export function dialFrom(from: Vantage, { host, port, path = '/hostname' }: Target): Promise<DialOutcome> {
  const query = new URLSearchParams({ host, port: String(port), path });
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath: from.controlSocket, path: `/dial?${query.toString()}`, agent: false },
      response => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.on('error', reject);
        // The responder is ours, and a status other than 200 is a mistake in the query above.
        response.on('end', () =>
          response.statusCode === 200 ? resolve(JSON.parse(body) as DialOutcome) : reject(checkFailed(body.trim())),
        );
      },
    );
    call.on('error', error => reject(checkFailed(`cannot ask ${from.name}: ${error.message}`)));
    call.end();
  });
}
