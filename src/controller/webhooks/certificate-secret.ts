import type { Secret } from '#api';
import type { CertificateSet } from './certificate-set.ts';

/** The form in which Kubernetes keeps a server's certificate: `tls.crt`, `tls.key`; `ca.crt` is by whom to know it. */
const SECRET_TYPE = 'kubernetes.io/tls';

/** The Secret that holds the certificates; `old` is what it was before, as precondition. */
export function toSecret(
  set: CertificateSet,
  at: { readonly namespace: string; readonly name: string },
  old?: Secret,
): Secret {
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const version = old?.metadata.resourceVersion;
  return {
    metadata: { ...old?.metadata, ...at, ...(version === undefined ? {} : { resourceVersion: version }) },
    // Nobody may change the type of one that somebody has made before.
    type: old?.type ?? SECRET_TYPE,
    data: {
      'ca.crt': encode(set.authorities.join('')),
      'ca.key': encode(set.authorityKey),
      'tls.crt': encode(set.serving.certificate),
      'tls.key': encode(set.serving.key),
    },
  };
}

/** What a Secret holds; undefined when parts are missing. Whether they are good is looked at apart. */
export function readSecret(secret: Secret): CertificateSet | undefined {
  const authorities = readAuthorities(secret);
  const [authorityKey, certificate, key] = ['ca.key', 'tls.crt', 'tls.key'].map(field => decode(secret, field));
  if (authorities.length === 0 || !authorityKey || !certificate || !key) return undefined;
  return { authorities, authorityKey, serving: { certificate, key } };
}

/** By whom to know the certificates that are served, in PEM. */
export function readAuthorities(secret: Secret): readonly string[] {
  return decode(secret, 'ca.crt').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];
}

function decode({ data = {} }: Secret, field: string): string {
  return Buffer.from(data[field] ?? '', 'base64').toString('utf8');
}
