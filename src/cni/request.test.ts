import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CniError } from './errors.ts';
import { findCniVersion, parseRequest } from './request.ts';

const env: Readonly<Record<string, string>> = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/run/netns/a',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/opt/cni/bin:/usr/lib/cni',
  CNI_ARGS: 'K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0',
};
const config = { cniVersion: '1.0.0', name: 'lan', type: 'underlane' };
const plugin = 'underlane';

function parse(envChanges: Readonly<Record<string, string | undefined>> = {}, stdin: unknown = config) {
  const merged = Object.entries({ ...env, ...envChanges }).filter(([, value]) => value !== undefined);
  const text = typeof stdin === 'string' ? stdin : JSON.stringify(stdin);
  return parseRequest({ plugin, env: Object.fromEntries(merged) as Record<string, string>, stdin: text });
}

test('parseRequest() reads an ADD', () => {
  const prevResult = { cniVersion: '1.0.0', ips: [{ address: '10.0.0.5/16' }] };
  const request = parse({}, { ...config, prevResult, runtimeConfig: { mac: 'x' } });
  assert.equal(request.command, 'ADD');
  assert.equal(request.plugin, 'underlane');
  assert.equal(request.containerId, 'c1');
  assert.equal(request.ifname, 'eth0');
  assert.equal(request.netns, '/run/netns/a');
  assert.deepEqual(request.path, ['/opt/cni/bin', '/usr/lib/cni']);
  assert.deepEqual(request.args.pod, { namespace: 'default', name: 'web-0' });
  assert.equal(request.config.name, 'lan');
  assert.equal(request.config.cniVersion, '1.0.0');
  assert.deepEqual(request.config.prevResult?.ips, [{ address: '10.0.0.5/16' }]);
  assert.deepEqual(request.config.runtimeConfig, { mac: 'x' });
  assert.deepEqual(request.warnings, []);
});

test('parseRequest() takes bytes as well as text', () => {
  const stdin = Buffer.from(JSON.stringify(config));
  assert.equal(parseRequest({ plugin, env, stdin }).config.name, 'lan');
});

test('parseRequest() lists every missing variable at once', () => {
  const none = { CNI_CONTAINERID: undefined, CNI_NETNS: '', CNI_IFNAME: undefined, CNI_PATH: undefined };
  const expect = (command: string, names: string) =>
    assert.throws(() => parse({ ...none, CNI_COMMAND: command }), {
      cniCode: 4,
      message: `Cannot run ${command}: required env variables [${names}] missing`,
    });
  expect('ADD', 'CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH');
  expect('CHECK', 'CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH');
  expect('DEL', 'CNI_CONTAINERID,CNI_IFNAME,CNI_PATH');
  expect('GC', 'CNI_PATH');
  expect('STATUS', 'CNI_PATH');
});

test('parseRequest() refuses unknown commands', () => {
  for (const command of ['', 'add', 'FOO', 'toString'])
    assert.throws(() => parse({ CNI_COMMAND: command }), { cniCode: 4 });
  assert.throws(() => parse({ CNI_COMMAND: 'FOO' }), { message: /unknown CNI_COMMAND/ });
});

test('parseRequest() needs nothing for VERSION', () => {
  const request = parseRequest({ plugin, env: { CNI_COMMAND: 'VERSION' }, stdin: '' });
  assert.equal(request.command, 'VERSION');
});

test('parseRequest() checks the container ID and the interface name', () => {
  assert.throws(() => parse({ CNI_CONTAINERID: '../x' }), { cniCode: 4, message: /invalid characters in containerID/ });
  assert.throws(() => parse({ CNI_IFNAME: 'sixteen-bytes-xx' }), {
    cniCode: 4,
    message: /"sixteen-bytes-xx": interface name is too long/,
  });
  assert.throws(() => parse({ CNI_IFNAME: 'a/b', CNI_COMMAND: 'DEL' }), { cniCode: 4 });
});

test('parseRequest() checks the configuration', () => {
  const subject = 'Cannot use network configuration on stdin';
  assert.throws(() => parse({}, ''), { cniCode: 6, message: `${subject}: not JSON: it is empty` });
  assert.throws(() => parse({}, '[]'), { cniCode: 6, message: `${subject}: config is [], expected an object` });
  assert.throws(() => parse({}, { ...config, name: undefined }), { cniCode: 7, message: /missing network name/ });
  assert.throws(() => parse({}, { ...config, name: 'a b' }), {
    cniCode: 7,
    message: /invalid characters found in network name "a b"/,
  });
  assert.throws(() => parse({}, { ...config, type: '../x' }), {
    cniCode: 7,
    message: /type is "\.\.\/x", expected a plain file name/,
  });
  assert.throws(() => parse({}, { ...config, runtimeConfig: 7 }), {
    cniCode: 7,
    message: /runtimeConfig is 7, expected an object/,
  });
  assert.throws(() => parse({}, { ...config, prevResult: { ips: 7 } }), {
    cniCode: 6,
    message: /prevResult: ips is 7/,
  });
});

test('parseRequest() refuses versions that we do not speak, a missing one being 0.1.0', () => {
  for (const cniVersion of ['0.0.9', '0.5.0', '1.2.0', '2.0.0']) {
    assert.throws(() => parse({}, { ...config, cniVersion }), { cniCode: 1, message: /incompatible CNI versions/ });
  }
  for (const cniVersion of ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'])
    assert.equal(parse({}, { ...config, cniVersion }).config.cniVersion, cniVersion);
  assert.equal(parse({}, { ...config, cniVersion: undefined }).config.cniVersion, '0.1.0');
});

test('parseRequest() lets a command through only where the version has it', () => {
  const message = /does not allow/;
  assert.throws(() => parse({ CNI_COMMAND: 'CHECK' }, { ...config, cniVersion: '0.3.1' }), { cniCode: 1, message });
  assert.doesNotThrow(() => parse({ CNI_COMMAND: 'CHECK' }, { ...config, cniVersion: '0.4.0' }));
  for (const command of ['GC', 'STATUS']) {
    assert.throws(() => parse({ CNI_COMMAND: command }), { cniCode: 1, message });
    assert.doesNotThrow(() => parse({ CNI_COMMAND: command }, { ...config, cniVersion: '1.1.0' }));
  }
});

test('parseRequest() reads a GC or STATUS, which concerns no container', () => {
  const environment = { CNI_CONTAINERID: undefined, CNI_NETNS: undefined, CNI_IFNAME: undefined, CNI_ARGS: undefined };
  for (const command of ['GC', 'STATUS']) {
    const request = parse(
      { ...environment, CNI_COMMAND: command },
      { ...config, cniVersion: '1.1.0', prevResult: { ips: 7 } },
    );
    assert.equal(request.containerId, '');
    assert.equal(request.ifname, '');
    assert.equal(request.config.prevResult, undefined);
  }
});

test('parseRequest() tells a GC without list of valid attachments from one with an empty list', () => {
  const key = 'cni.dev/valid-attachments';
  const validOf = (changes: object) =>
    parse({ CNI_COMMAND: 'GC' }, { ...config, cniVersion: '1.1.0', ...changes }).config.validAttachments;
  assert.equal(validOf({}), undefined);
  assert.deepEqual(validOf({ [key]: [] }), []);
  // What Go prints for an empty list.
  assert.deepEqual(validOf({ [key]: null }), []);
  const list = [
    { containerID: 'c1', ifname: 'eth0' },
    { containerID: 'c2', ifname: 'net1', more: 1 },
  ];
  const expected = [
    { containerId: 'c1', ifname: 'eth0' },
    { containerId: 'c2', ifname: 'net1' },
  ];
  assert.deepEqual(validOf({ [key]: list }), expected);
  // The name that the reference library began with counts only without the other.
  assert.deepEqual(validOf({ 'cni.dev/attachments': list }), expected);
  assert.deepEqual(validOf({ [key]: list, 'cni.dev/attachments': [] }), expected);
  assert.equal(parse({}, { ...config, [key]: list }).config.validAttachments, undefined);
});

test('parseRequest() refuses a GC whose list it cannot read: what is not understood would be removed', () => {
  const key = 'cni.dev/valid-attachments';
  for (const [list, path] of [
    [{}, key],
    [['c1'], `${key}[0]`],
    [[{ containerID: 'c1', ifname: 'eth0' }, { ifname: 'eth0' }], `${key}[1].containerID`],
    [[{ containerID: '../x', ifname: 'eth0' }], `${key}[0].containerID`],
    [[{ containerID: 'c1', ifname: '' }], `${key}[0].ifname`],
  ] as const) {
    assert.throws(
      () => parse({ CNI_COMMAND: 'GC' }, { ...config, cniVersion: '1.1.0', [key]: list }),
      error => {
        assert.ok(error instanceof CniError);
        assert.equal(error.cniCode, 7);
        assert.ok(error.message.includes(`${path} is `), error.message);
        return true;
      },
    );
  }
});

test('parseRequest() lets a DEL go on without namespace, and past what only ADD needs', () => {
  const request = parse(
    { CNI_COMMAND: 'DEL', CNI_NETNS: undefined, CNI_ARGS: 'broken' },
    {
      ...config,
      cniVersion: '0.5.0',
      prevResult: { ips: 7 },
    },
  );
  assert.equal(request.netns, undefined);
  assert.deepEqual(request.args.pairs, {});
  assert.equal(request.config.prevResult, undefined);
  assert.equal(request.warnings.length, 2);
});

test('parseRequest() throws nothing but CniError, whatever it is given', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'c1', 'eth0'));
  const anyEnv = fc.dictionary(fc.constantFrom(...Object.keys(env)), word);
  fc.assert(
    fc.property(anyEnv, fc.oneof(fc.json(), fc.string(), fc.uint8Array()), (changes, stdin) => {
      try {
        parseRequest({ plugin, env: { ...env, ...changes }, stdin });
      } catch (error) {
        assert.ok(error instanceof CniError, String(error));
      }
    }),
  );
});

test("findCniVersion() finds the config's version, else our newest", () => {
  assert.equal(findCniVersion('{"cniVersion":"0.3.1"}'), '0.3.1');
  for (const stdin of ['', '{', '{"cniVersion":"9"}', '{"cniVersion":1}', 'null'])
    assert.equal(findCniVersion(stdin), '1.1.0');
});
