export interface StaticPage {
  readonly contentType: string;
  readonly body: string | Buffer;
}

/** The Kubernetes version that the server behaves like. */
const VERSION = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.0-underlane-sandbox',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'linux/amd64',
};

/** Field 1 (`swagger`) = "2.0": the shortest OpenAPI document that kubectl takes. Without any it refuses to validate and so to apply. */
const OPENAPI_V2 = Buffer.of(0x0a, 0x03, 0x32, 0x2e, 0x30);
const OPENAPI_V2_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Pages that never change and need no token. */
export function findStaticPage(path: string): StaticPage | undefined {
  switch (path) {
    case '/healthz':
    case '/readyz':
    case '/livez':
      return { contentType: 'text/plain; charset=utf-8', body: 'ok' };
    case '/version':
    case '/version/':
      return { contentType: 'application/json', body: JSON.stringify(VERSION) };
    case '/openapi/v3':
      return { contentType: 'application/json', body: '{"paths":{}}' };
    case '/openapi/v2':
      return { contentType: OPENAPI_V2_TYPE, body: OPENAPI_V2 };
    default:
      return undefined;
  }
}
