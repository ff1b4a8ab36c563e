import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatArgs, parseArgs } from './args.ts';

test('parseArgs() reads what containerd and CRI-O send', () => {
  const text =
    'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=c1;K8S_POD_UID=u-1';
  const args = parseArgs(text);
  assert.deepEqual(args.pod, { namespace: 'default', name: 'web-0', uid: 'u-1', infraContainerId: 'c1' });
  assert.equal(args.pairs['IgnoreUnknown'], '1');
  assert.equal(formatArgs(args.pairs), text);
});

test('parseArgs() knows no pod without K8S_POD_NAME', () => {
  assert.equal(parseArgs('').pod, undefined);
  assert.equal(parseArgs('K8S_POD_NAME=;K8S_POD_NAMESPACE=').pod, undefined);
  assert.deepEqual(parseArgs('').ips, []);
});

test('parseArgs() reads IP as one or several addresses and MAC in any spelling', () => {
  assert.deepEqual(parseArgs('IP=10.0.0.5').ips, ['10.0.0.5']);
  assert.deepEqual(parseArgs('IP=10.0.0.5/16,fd00::5/64').ips, ['10.0.0.5/16', 'fd00::5/64']);
  assert.equal(parseArgs('MAC=0A-58-0A-00-00-05').mac, '0a:58:0a:00:00:05');
});

test('parseArgs() takes the last of a repeated key', () => {
  assert.equal(parseArgs('A=1;A=2').pairs['A'], '2');
});

test('parseArgs() takes a key that every object has for a plain word', () => {
  assert.deepEqual(Object.entries(parseArgs('__proto__=x').pairs), [['__proto__', 'x']]);
  assert.equal(parseArgs('A=1').pairs['constructor'], undefined);
});

test('parseArgs() names the bad pair', () => {
  for (const [text, pair] of [
    ['A', 'A'],
    ['A=1;B', 'B'],
    ['A=1=2', 'A=1=2'],
    ['=1', '=1'],
    ['A=1;', ''],
  ] as const) {
    assert.throws(() => parseArgs(text), {
      cniCode: 4,
      message: `Cannot use CNI_ARGS: invalid pair "${pair}", expected KEY=VALUE`,
    });
  }
});

test('parseArgs() refuses what cannot be a pod, an address or a MAC', () => {
  for (const text of [
    'K8S_POD_NAME=web-0',
    'K8S_POD_NAME=../x;K8S_POD_NAMESPACE=a',
    'K8S_POD_NAME=web;K8S_POD_NAMESPACE=a/b',
    'K8S_POD_NAME=Web;K8S_POD_NAMESPACE=a',
    'IP=10.0.0',
    'IP=10.0.0.5,',
    'MAC=1:2:3:4:5:6',
  ]) {
    assert.throws(() => parseArgs(text), { code: 'CNI_INVALID_ENVIRONMENT' }, text);
  }
});

test('parseArgs() reads back what formatArgs() wrote', () => {
  const word = fc.stringMatching(/^[A-Za-z_0-9.-]{1,12}$/).filter(text => !['IP', 'MAC'].includes(text));
  fc.assert(
    fc.property(fc.dictionary(word, fc.stringMatching(/^[^=;]{0,12}$/)), pairs => {
      assert.deepEqual({ ...parseArgs(formatArgs(pairs)).pairs }, { ...pairs });
    }),
  );
});
