import { type CertificatePair, issueCertificate } from '#certificates';

export type { CertificatePair };

const DAY_MS = 86_400_000;

/**
 * A self-signed ECDSA P-256 server certificate for DNS names and addresses, both in PEM. It is its own authority: clients get the
 * certificate as `certificate-authority-data`. For the sandbox only: nothing here revokes or renews.
 */
export function createSelfSignedCertificate(names: readonly string[], now: number = Date.now()): CertificatePair {
  return issueCertificate({
    subject: 'underlane-sandbox',
    names,
    from: now - DAY_MS,
    until: now + 3650 * DAY_MS,
    isAuthority: true,
  });
}
