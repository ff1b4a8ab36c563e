/** What tests of health checks share. */
import { request } from 'node:http';

export interface HealthAnswer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Asks a daemon by its unix socket, on a connection of its own: one that is kept would lead to the daemon before. */
export function askHealth(socketPath: string, path: string): Promise<HealthAnswer> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, response => {
      let body = '';
      response.setEncoding('utf8').on('data', chunk => {
        body += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    })
      .once('error', reject)
      .end();
  });
}
