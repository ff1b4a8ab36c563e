import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { addressBytes } from './address-bytes.ts';

export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

/**
 * A self-signed ECDSA P-256 server certificate for DNS names and addresses, both in PEM. It is its own authority: clients get the
 * certificate as `certificate-authority-data`. For the sandbox only: nothing here revokes or renews.
 */
export function createSelfSignedCertificate(names: readonly string[], now: number = Date.now()): CertificatePair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const subject = sequence(tagged(0x31, sequence(oid('2.5.4.3'), utf8('underlane-sandbox'))));
  // RFC 5280 4.1: version 3, serial, algorithm, issuer, validity, subject, key, extensions
  const body = sequence(
    tagged(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(0x40), randomBytes(15)])),
    ECDSA_SHA256,
    subject,
    sequence(time(now - DAY_MS), time(now + 3650 * DAY_MS)),
    subject,
    publicKey,
    tagged(0xa3, sequence(...extensions(names))),
  );
  const signature = sign('sha256', body, createPrivateKey(privateKey));
  const der = sequence(body, ECDSA_SHA256, bitString(signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey,
  };
}

function extensions(names: readonly string[]): readonly Buffer[] {
  const alternatives = names.map(name =>
    isIPv4(name) || isIPv6(name) ? tagged(0x87, addressBytes(name)) : tagged(0x82, Buffer.from(name)),
  );
  return [
    extension('2.5.29.19', true, sequence(tagged(0x01, Buffer.of(0xff)))), // basicConstraints: CA
    extension('2.5.29.15', true, tagged(0x03, Buffer.of(2, 0x84))), // keyUsage: digitalSignature, keyCertSign
    extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))), // extKeyUsage: serverAuth
    extension('2.5.29.17', false, sequence(...alternatives)), // subjectAltName
  ];
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(isCritical ? [tagged(0x01, Buffer.of(0xff))] : []), tagged(0x04, value));
}

/** DER: tag, length, content. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, 0x80 | bytes.length, ...bytes), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function bitString(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.of(0), bytes]));
}

function utf8(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text));
}

/** GeneralizedTime, which holds for every year. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return tagged(0x18, Buffer.from(`${digits}Z`));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap(number => {
    const groups = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) groups.unshift(0x80 | (left & 0x7f));
    return groups;
  });
  return tagged(0x06, Buffer.from(bytes));
}

const ECDSA_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');
