import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { ApiObject } from './api-object.ts';
import { formatAge } from './column.ts';
import { valueAt } from './json.ts';
import { checkAnnotations, checkLabels, generateName } from './object-names.ts';
import { negotiateForm } from './representation.ts';
import { parseRequestPath } from './request-path.ts';
import { parseLabelSelector } from './selector.ts';
import { createSelfSignedCertificate } from './self-signed-certificate.ts';
import { StatusError } from './status-error.ts';

test('createSelfSignedCertificate() is a certificate for its names that verifies by itself', () => {
  const { certificate, key } = createSelfSignedCertificate(
    ['localhost', '10.0.0.1', 'fd00::1', '::1'],
    Date.parse('2026-06-01T00:00:00Z'),
  );
  const parsed = new X509Certificate(certificate);
  assert.equal(
    parsed.subjectAltName,
    'DNS:localhost, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1, IP Address:0:0:0:0:0:0:0:1',
  );
  assert.ok(parsed.verify(parsed.publicKey));
  assert.ok(parsed.ca);
  assert.deepEqual(
    [parsed.checkIP('10.0.0.1'), parsed.checkHost('localhost'), parsed.checkIP('10.0.0.2')],
    ['10.0.0.1', 'localhost', undefined],
  );
  assert.equal(parsed.validFromDate.toISOString(), '2026-05-31T00:00:00.000Z');
  assert.match(key, /^-----BEGIN PRIVATE KEY-----/);
  assert.notEqual(new X509Certificate(createSelfSignedCertificate([]).certificate).serialNumber, parsed.serialNumber);
});

test('parseRequestPath() reads paths as Kubernetes does', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['/api/v1/pods', { kind: 'resource', group: '', version: 'v1', plural: 'pods' }],
    [
      '/api/v1/namespaces/n/pods/p/status',
      { kind: 'resource', group: '', version: 'v1', namespace: 'n', plural: 'pods', name: 'p', subresource: 'status' },
    ],
    ['/api/v1/namespaces/n', { kind: 'resource', group: '', version: 'v1', plural: 'namespaces', name: 'n' }],
    [
      '/api/v1/namespaces/n/finalize',
      { kind: 'resource', group: '', version: 'v1', plural: 'namespaces', name: 'n', subresource: 'finalize' },
    ],
    [
      '/apis/apps/v1/namespaces/n/deployments',
      { kind: 'resource', group: 'apps', version: 'v1', namespace: 'n', plural: 'deployments' },
    ],
    ['/apis/g.io/v1/things/a%2Fb', { kind: 'resource', group: 'g.io', version: 'v1', plural: 'things', name: 'a/b' }],
    ['/apis/g.io/v1', { kind: 'group-version', group: 'g.io', version: 'v1' }],
    ['/api/v1/', { kind: 'group-version', group: '', version: 'v1' }],
    ['/apis/g.io', { kind: 'group', group: 'g.io' }],
    ['/apis', { kind: 'other', path: '/apis' }],
    ['/%zz', { kind: 'other', path: '/%zz' }],
  ];
  for (const [path, expected] of cases) assert.deepEqual(parseRequestPath(path), expected, path);
});

test('parseLabelSelector() tells equality, sets, presence and order', () => {
  const labelled = (labels: Readonly<Record<string, string>>): ApiObject => ({
    apiVersion: 'v1',
    kind: 'K',
    metadata: { name: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '', labels },
  });
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
    ['', {}, true],
    ['a=1', { a: '1' }, true],
    ['a==1,b!=2', { a: '1', b: '2' }, false],
    ['b!=2', {}, true],
    ['a in (1, 2),b notin (3)', { a: '2' }, true],
    ['a in (1,2)', { b: '1' }, false],
    ['a,!b', { a: '' }, true],
    ['a,!b', { a: '', b: '' }, false],
    ['a=', { a: '' }, true],
    ['n>5', { n: '6' }, true],
    ['n<5', { n: '6' }, false],
    ['example.com/x=y', { 'example.com/x': 'y' }, true],
  ];
  for (const [text, labels, expected] of cases)
    assert.equal(parseLabelSelector(text)(labelled(labels)), expected, text);
  for (const text of ['a b', 'a in 1', '=x']) assert.throws(() => parseLabelSelector(text), StatusError, text);
});

test('negotiateForm() takes the first form that it can give', () => {
  assert.equal(negotiateForm(undefined), 'object');
  assert.equal(negotiateForm('application/json;as=Table;v=v1;g=meta.k8s.io,application/json'), 'table');
  assert.equal(negotiateForm('application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'), 'object');
  assert.equal(negotiateForm('application/vnd.kubernetes.protobuf,application/json'), 'object');
  assert.equal(negotiateForm('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'), 'metadata');
  assert.throws(() => negotiateForm('application/vnd.kubernetes.protobuf'), StatusError);
});

test('formatAge() is as coarse as kubectl', () => {
  const at = Date.parse('2026-01-01T00:00:00Z');
  const cases = {
    0: '0s',
    119: '119s',
    120: '2m',
    125: '2m5s',
    600: '10m',
    10799: '179m',
    10800: '3h',
    11000: '3h3m',
    28800: '8h',
    172799: '47h',
    172800: '2d',
    176400: '2d1h',
    691200: '8d',
    63072000: '2y',
  };
  for (const [seconds, text] of Object.entries(cases))
    assert.equal(formatAge('2026-01-01T00:00:00Z', at + Number(seconds) * 1000), text, seconds);
});

test('labels and annotations are checked as on the real server', () => {
  assert.deepEqual(checkLabels({ a: '', 'x.io/b': 'C_d.e-f', c: 'x'.repeat(63) }), []);
  for (const labels of [
    { a: 'x'.repeat(64) },
    { 'a b': 'c' },
    { a: '-x' },
    { 'X.io/b/c': 'd' },
    { a: 1 },
    { '/a': 'b' },
  ])
    assert.notEqual(checkLabels(labels).length, 0, JSON.stringify(labels));
  assert.deepEqual(checkAnnotations({ 'k8s.v1.cni.cncf.io/networks': '[{"name": "x y"}]' }), []);
  assert.notEqual(checkAnnotations({ a: 'x'.repeat(256 * 1024) }).length, 0);
});

test('generateName() keeps a prefix and stays a label', () => {
  assert.match(generateName('web-'), /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  assert.equal(generateName('x'.repeat(100)).length, 63);
});

test('valueAt() follows dots, positions and quoted keys', () => {
  const object = { a: { list: [{ b: 1 }] }, labels: { 'example.com/a-b': 'x' } };
  assert.equal(valueAt(object, '.a.list[0].b'), 1);
  assert.equal(valueAt(object, String.raw`.labels['example\.com/a\-b']`), 'x');
  assert.equal(valueAt(object, '.a.none[0].b'), undefined);
  assert.equal(valueAt(object, ''), object);
});
