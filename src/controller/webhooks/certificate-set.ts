import { createPublicKey, X509Certificate } from 'node:crypto';
import { type CertificatePair, issueCertificate } from '#certificates';

/** What replicas share: the certificate they serve, and the authorities by which API servers know it. */
export interface CertificateSet {
  /** PEM, the newest first: those that came before it are kept for as long as a certificate of theirs may be in use. */
  readonly authorities: readonly string[];
  /** Key of the newest authority. */
  readonly authorityKey: string;
  readonly serving: CertificatePair;
}

const DAY_MS = 86_400_000;
const AUTHORITY_LIFE_MS = 730 * DAY_MS;
const SERVING_LIFE_MS = 90 * DAY_MS;
/** Clocks differ. */
const BACKDATED_MS = 3_600_000;
/** How long API servers may take to hear of an authority before a certificate of its is served. */
const SPREAD_MS = 3_600_000;
/** What is left of a life when a new one begins. */
const RENEWED_AT = 1 / 3;
const SUBJECT = 'underlane-webhooks';

/**
 * The certificates to use from now on: the same ones, or with what has to be new. A new authority is announced an hour before
 * anything of its is served. What cannot be used is made anew.
 */
export function renewCertificates(
  current: CertificateSet | undefined,
  names: readonly string[],
  now: number,
): CertificateSet {
  if (current === undefined || !isSound(current)) return withServing(newAuthority(now), names, now);
  const kept = withAuthority(current, now);
  return isServed(kept, names, now) ? kept : withServing(kept, names, now);
}

/** When there may be something to renew: well before anything runs out. */
export const RENEW_EVERY_MS = 600_000;

type Authorities = Pick<CertificateSet, 'authorities' | 'authorityKey'>;

function newAuthority(now: number): Authorities {
  const { certificate, key } = issueCertificate({
    subject: SUBJECT,
    names: [],
    from: now - BACKDATED_MS,
    until: now + AUTHORITY_LIFE_MS,
    isAuthority: true,
  });
  return { authorities: [certificate], authorityKey: key };
}

function withAuthority(current: CertificateSet, now: number): CertificateSet {
  const [newest, ...older] = current.authorities;
  const lasting = older.filter(pem => new X509Certificate(pem).validToDate.getTime() > now);
  if (newest !== undefined && isYoung(new X509Certificate(newest), now)) {
    return lasting.length === older.length ? current : { ...current, authorities: [newest, ...lasting] };
  }
  const added = newAuthority(now);
  return {
    ...current,
    ...added,
    authorities: [...added.authorities, ...(newest === undefined ? [] : [newest]), ...lasting],
  };
}

function withServing(
  { authorities, authorityKey }: Authorities,
  names: readonly string[],
  now: number,
): CertificateSet {
  const issuer = { certificate: authorities[0] ?? '', key: authorityKey, subject: SUBJECT };
  const serving = issueCertificate({
    subject: SUBJECT,
    names,
    from: now - BACKDATED_MS,
    until: now + SERVING_LIFE_MS,
    isAuthority: false,
    issuer,
  });
  return { authorities, authorityKey, serving };
}

/** Whether the certificate may go on: for these names, for long enough, by the newest authority that is known by now. */
function isServed({ authorities, serving }: CertificateSet, names: readonly string[], now: number): boolean {
  const own = new X509Certificate(serving.certificate);
  const covers = names.every(name => (own.checkHost(name) ?? own.checkIP(name)) !== undefined);
  if (!covers || !isYoung(own, now)) return false;
  const [newest, ...older] = authorities.map(pem => new X509Certificate(pem));
  if (newest !== undefined && isIssuedBy(own, newest)) return true;
  const isKnown = newest === undefined || newest.validFromDate.getTime() + BACKDATED_MS + SPREAD_MS <= now;
  return !isKnown && older.some(authority => isIssuedBy(own, authority));
}

function isYoung(certificate: X509Certificate, now: number): boolean {
  const [from, until] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  // One of the future: somebody's clock was wrong, and API servers would not take it.
  return from <= now && until - now > (until - from) * RENEWED_AT;
}

function isIssuedBy(own: X509Certificate, authority: X509Certificate): boolean {
  return own.checkIssued(authority) && own.verify(authority.publicKey);
}

/** Whether the parts can be read and belong together. */
function isSound({ authorities, authorityKey, serving }: CertificateSet): boolean {
  try {
    const [newest, ...older] = authorities.map(pem => new X509Certificate(pem));
    return (
      newest !== undefined &&
      isKeyOf(authorityKey, newest) &&
      isKeyOf(serving.key, new X509Certificate(serving.certificate)) &&
      older.every(({ ca }) => ca)
    );
  } catch {
    return false;
  }
}

function isKeyOf(key: string, certificate: X509Certificate): boolean {
  return createPublicKey(key).equals(certificate.publicKey);
}
