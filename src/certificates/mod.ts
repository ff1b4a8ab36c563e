/** Certificates that servers of ours show, made without other programs. */
export type { CertificatePair, CertificateRequest } from './issue-certificate.ts';
export { issueCertificate } from './issue-certificate.ts';
