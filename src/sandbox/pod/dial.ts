import { get } from 'node:http';
import { hostPort } from '../family.ts';

export interface DialTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly timeoutMs: number;
}

/** What came back: an answer, or why none. */
export type DialOutcome =
  | { readonly status: number; readonly body: string; readonly ms: number }
  | { readonly error: string; readonly ms: number };

/** Makes one HTTP request on a new connection. Never rejects: that nobody answers is an outcome. */
export function dial(
  { host, port, path, timeoutMs }: DialTarget,
  headers: Readonly<Record<string, string>> = {},
): Promise<DialOutcome> {
  const start = performance.now();
  const ms = (): number => Math.round((performance.now() - start) * 10) / 10;
  return new Promise(resolve => {
    const signal = AbortSignal.timeout(timeoutMs);
    const fail = (error: Error): void =>
      resolve({
        error: signal.aborted ? `no answer from ${hostPort(host, port)} within ${timeoutMs} ms` : error.message,
        ms: ms(),
      });
    const request = get({ host, port, path, headers, agent: false, signal }, response => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: body.trim(), ms: ms() }));
      response.on('error', fail);
    });
    request.on('error', fail);
  });
}

/** @returns the target, or a sentence that says what is wrong with the query */
export function parseDialTarget(query: URLSearchParams): DialTarget | string {
  const host = query.get('host');
  const port = Number(query.get('port') ?? '80');
  const timeoutMs = Number(query.get('timeoutMs') ?? '2000');
  const path = query.get('path') ?? '/hostname';
  if (host === null || host === '') return 'Cannot dial: host is missing, expected an address';
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return `Cannot dial: port is "${query.get('port')}", expected 1 to 65535`;
  if (!Number.isFinite(timeoutMs) || timeoutMs <= 0)
    return `Cannot dial: timeoutMs is "${query.get('timeoutMs')}", expected a positive number`;
  if (!path.startsWith('/')) return `Cannot dial: path is "${path}", expected it to start with "/"`;
  return { host, port, path, timeoutMs };
}
