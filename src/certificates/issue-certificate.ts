import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { findIp, ipToBytes } from '#ip';
import { bitString, integer, octets, oid, sequence, set, tagged, time, utf8 } from './der.ts';

/** A certificate and its private key, both in PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** The subject's common name. */
  readonly subject: string;
  /** DNS names and addresses that servers prove theirs by it. */
  readonly names: readonly string[];
  /** Milliseconds of the epoch. */
  readonly from: number;
  readonly until: number;
  /** Whether it may issue others. */
  readonly isAuthority: boolean;
  /** Who signs. @default the certificate itself */
  readonly issuer?: CertificatePair & { readonly subject: string };
}

/** Makes an ECDSA P-256 key and an X.509 certificate for it (RFC 5280). */
export function issueCertificate(request: CertificateRequest): CertificatePair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const { issuer } = request;
  const issuerKey = issuer === undefined ? publicKey : publicKeyOf(issuer.key);
  // RFC 5280 4.1: version 3, serial, algorithm, issuer, validity, subject, key, extensions
  const body = sequence(
    tagged(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(0x40), randomBytes(15)])),
    ecdsaWithSha256(),
    commonName(issuer?.subject ?? request.subject),
    sequence(time(request.from), time(request.until)),
    commonName(request.subject),
    publicKey,
    tagged(0xa3, sequence(...extensions(request, publicKey, issuerKey))),
  );
  const signature = sign('sha256', body, createPrivateKey(issuer?.key ?? privateKey));
  const der = sequence(body, ecdsaWithSha256(), bitString(signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey,
  };
}

const IS_TRUE = 0xff;
/** Bits 0 and 5 of a keyUsage: digitalSignature, keyCertSign. */
const KEY_USAGE = { leaf: [0x80, 7], authority: [0x84, 2] } as const;

function extensions(request: CertificateRequest, own: Buffer, issuer: Buffer): readonly Buffer[] {
  const { isAuthority, names } = request;
  const [usage, unused] = KEY_USAGE[isAuthority ? 'authority' : 'leaf'];
  const alternatives = names.map(name => {
    const address = findIp(name);
    return address === undefined ? tagged(0x82, Buffer.from(name)) : tagged(0x87, Buffer.from(ipToBytes(address)));
  });
  return [
    // basicConstraints
    extension('2.5.29.19', true, sequence(...(isAuthority ? [tagged(0x01, Buffer.of(IS_TRUE))] : []))),
    extension('2.5.29.15', true, bitString(Buffer.of(usage), unused)),
    // By which two authorities of one name, an old one and a new one, are told apart.
    extension('2.5.29.14', false, octets(keyId(own))),
    extension('2.5.29.35', false, sequence(tagged(0x80, keyId(issuer)))),
    ...(names.length === 0
      ? []
      : [
          // extKeyUsage: serverAuth
          extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
          extension('2.5.29.17', false, sequence(...alternatives)),
        ]),
  ];
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(isCritical ? [tagged(0x01, Buffer.of(IS_TRUE))] : []), octets(value));
}

/** RFC 5280 4.2.1.2 lets it be any hash of the key. */
function keyId(spki: Buffer): Buffer {
  return createHash('sha256').update(spki).digest().subarray(0, 20);
}

function publicKeyOf(privateKey: string): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
}

function commonName(text: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(text))));
}

function ecdsaWithSha256(): Buffer {
  return sequence(oid('1.2.840.10045.4.3.2'));
}
