import { writeFileSync } from 'node:fs';

export interface KubeconfigFile {
  readonly path: string;
  /** `https://10.0.0.1:6443` */
  readonly server: string;
  readonly caPem?: string;
  readonly token?: string;
  readonly namespace?: string;
}

/** Writes a kubeconfig with one cluster, one user and one context, readable by its owner only: a token is in it. JSON is YAML too. */
export function writeKubeconfig({ path, server, caPem, token, namespace }: KubeconfigFile): void {
  const name = 'sandbox';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server,
          ...(caPem === undefined ? {} : { 'certificate-authority-data': Buffer.from(caPem).toString('base64') }),
        },
      },
    ],
    users: [{ name, user: token === undefined ? {} : { token } }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) } }],
    'current-context': name,
  };
  writeFileSync(path, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}
