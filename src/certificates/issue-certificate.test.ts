import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import tls from 'node:tls';
import { type CertificatePair, issueCertificate } from './issue-certificate.ts';

const DAY_MS = 86_400_000;
const now = Date.now();

function authority(subject: string): CertificatePair & { readonly subject: string } {
  const pair = issueCertificate({ subject, names: [], from: now - DAY_MS, until: now + DAY_MS, isAuthority: true });
  return { ...pair, subject };
}

function leafOf(issuer: CertificatePair & { readonly subject: string }): CertificatePair {
  return issueCertificate({
    subject: 'server',
    names: ['server.test.svc', '127.0.0.1', 'fd00::1'],
    from: now - DAY_MS,
    until: now + DAY_MS,
    isAuthority: false,
    issuer,
  });
}

test('issueCertificate() makes authorities, and certificates that theirs prove', () => {
  const ca = authority('underlane');
  const parsed = new X509Certificate(leafOf(ca).certificate);
  const issuer = new X509Certificate(ca.certificate);
  assert.deepEqual([issuer.ca, parsed.ca], [true, false]);
  assert.ok(parsed.checkIssued(issuer));
  assert.ok(parsed.verify(issuer.publicKey));
  assert.ok(!parsed.verify(new X509Certificate(authority('underlane').certificate).publicKey));
  assert.deepEqual([parsed.subject, parsed.issuer], ['CN=server', 'CN=underlane']);
  assert.equal(parsed.subjectAltName, 'DNS:server.test.svc, IP Address:127.0.0.1, IP Address:FD00:0:0:0:0:0:0:1');
});

test('issueCertificate() makes what TLS takes, also among several authorities of one name', async t => {
  const [old, current] = [authority('underlane'), authority('underlane')];
  const { certificate, key } = leafOf(current);
  const server = tls.createServer({ cert: certificate, key }, socket => socket.end('hello')).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const connect = async (ca: readonly string[]): Promise<string> => {
    const socket = tls.connect({ port: address.port, host: '127.0.0.1', servername: 'server.test.svc', ca: [...ca] });
    const [data] = await once(socket, 'data');
    socket.destroy();
    return String(data);
  };
  assert.equal(await connect([old.certificate, current.certificate]), 'hello');
  await assert.rejects(connect([old.certificate]), /unable to verify|self-signed|signature/);
});
