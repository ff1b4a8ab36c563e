import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { readSecret, toSecret } from './certificate-secret.ts';
import { type CertificateSet, renewCertificates } from './certificate-set.ts';

const NAMES = ['underlane-webhooks.kube-system.svc'];
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = Date.parse('2026-01-01T00:00:00Z');

/** Whether an API server that knows the authorities of `known` takes what `serving` shows, at that time. */
function isTaken(known: CertificateSet, serving: CertificateSet, now: number): boolean {
  const own = new X509Certificate(serving.serving.certificate);
  const isValid = (certificate: X509Certificate): boolean =>
    certificate.validFromDate.getTime() <= now && now < certificate.validToDate.getTime();
  return (
    isValid(own) &&
    own.checkHost(NAMES[0] ?? '') !== undefined &&
    known.authorities
      .map(pem => new X509Certificate(pem))
      .some(authority => isValid(authority) && own.checkIssued(authority) && own.verify(authority.publicKey))
  );
}

test('renewCertificates() leaves good certificates as they are, also by way of their Secret', () => {
  const first = renewCertificates(undefined, NAMES, start);
  assert.ok(isTaken(first, first, start));
  assert.equal(renewCertificates(first, NAMES, start + 30 * DAY), first);
  const kept = readSecret(toSecret(first, { namespace: 'kube-system', name: 'x' }));
  assert.deepEqual(kept, first);
});

test('renewCertificates() never leaves API servers without a certificate that they know, for four years', () => {
  let set = renewCertificates(undefined, NAMES, start);
  const seen = new Set<string>();
  const authorities = new Set<string>();
  for (let now = start; now < start + 1460 * DAY; now += 12 * HOUR) {
    const before = set;
    set = renewCertificates(set, NAMES, now);
    // An API server may be an hour late.
    assert.ok(isTaken(before, set, now), new Date(now).toISOString());
    assert.ok(set.authorities.length <= 3);
    seen.add(set.serving.certificate);
    authorities.add(set.authorities[0] ?? '');
  }
  assert.ok(seen.size > 20 && seen.size < 40, `${seen.size} certificates`);
  assert.ok(authorities.size > 2 && authorities.size < 5, `${authorities.size} authorities`);
});

test('renewCertificates() makes a new certificate for other names, and announces a new authority first', () => {
  const first = renewCertificates(undefined, NAMES, start);
  const renamed = renewCertificates(first, ['127.0.0.1'], start + HOUR);
  assert.deepEqual(renamed.authorities, first.authorities);
  assert.equal(new X509Certificate(renamed.serving.certificate).checkIP('127.0.0.1'), '127.0.0.1');
  // Renewed 30 days before the authority is: then it has something left when the new one comes.
  const late = renewCertificates(first, NAMES, start + 470 * DAY);
  const announced = renewCertificates(late, NAMES, start + 500 * DAY);
  assert.deepEqual(announced.authorities.slice(1), late.authorities);
  assert.equal(announced.serving, late.serving);
  assert.equal(renewCertificates(announced, NAMES, start + 500 * DAY + HOUR / 2), announced);
  const served = renewCertificates(announced, NAMES, start + 500 * DAY + 2 * HOUR);
  assert.notEqual(served.serving, announced.serving);
  assert.ok(isTaken(announced, served, start + 500 * DAY + 2 * HOUR));
});

test('renewCertificates() makes anew what cannot be used', () => {
  const good = renewCertificates(undefined, NAMES, start);
  const other = renewCertificates(undefined, NAMES, start);
  const broken: readonly CertificateSet[] = [
    { ...good, authorities: ['rubbish'] },
    { ...good, authorities: [] },
    { ...good, authorityKey: other.authorityKey },
    { ...good, serving: { ...good.serving, key: other.serving.key } },
    { ...good, serving: { ...good.serving, certificate: 'rubbish' } },
    { ...good, serving: other.serving },
  ];
  for (const set of broken) {
    const renewed = renewCertificates(set, NAMES, start);
    assert.notEqual(renewed, set);
    assert.ok(isTaken(renewed, renewed, start));
  }
  // Made while a clock was a year ahead.
  const future = renewCertificates(undefined, NAMES, start + 365 * DAY);
  const renewed = renewCertificates(future, NAMES, start);
  assert.ok(isTaken(renewed, renewed, start));
  assert.equal(readSecret({ metadata: { name: 'x' }, data: { 'ca.crt': '' } }), undefined);
});
