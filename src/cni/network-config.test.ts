import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CniError } from './errors.ts';
import { type NetworkConfigOptions, parseNetworkConfig } from './network-config.ts';

const source = 'NetworkAttachmentDefinition "ns/x": spec.config';
const base = { cniVersion: '0.3.1', name: 'lan' };

function parse(input: unknown, options: Partial<NetworkConfigOptions> = {}) {
  return parseNetworkConfig(typeof input === 'string' ? input : JSON.stringify(input), { source, ...options });
}

test('parseNetworkConfig() reads a single configuration', () => {
  const raw = { ...base, type: 'macvlan', master: 'eth0', ipam: { type: 'whereabouts' } };
  assert.deepEqual(parse(raw), { kind: 'single', ...base, plugins: [raw], disableCheck: false, raw });
});

test('parseNetworkConfig() reads a list and keeps unknown keys', () => {
  const plugins = [{ type: 'macvlan', odd: { key: 1 } }, { type: 'veth' }];
  const config = parse({ ...base, plugins, disableCheck: 'true' });
  assert.equal(config.kind, 'list');
  assert.equal(config.disableCheck, true);
  assert.deepEqual(config.plugins, plugins);
});

test('parseNetworkConfig() takes a configuration with type and plugins for a single one', () => {
  assert.equal(parse({ ...base, type: 'bridge', plugins: [{ type: 'veth' }] }).kind, 'single');
});

test('parseNetworkConfig() takes defaults for a missing name and version', () => {
  const config = parse({ name: '', type: 'macvlan' }, { defaultName: 'nad', defaultVersion: '1.0.0' });
  assert.equal(config.name, 'nad');
  assert.equal(config.cniVersion, '1.0.0');
  assert.equal(parse({ ...base, type: 'macvlan' }, { defaultName: 'nad' }).name, 'lan');
});

test('parseNetworkConfig() takes the highest offered version that we speak', () => {
  assert.equal(
    parse({ ...base, cniVersions: ['1.0.0', '9.0.0', '0.4.0'], plugins: [{ type: 'a' }] }).cniVersion,
    '1.0.0',
  );
  assert.equal(parse({ name: 'a', cniVersions: ['0.4.0'], plugins: [{ type: 'a' }] }).cniVersion, '0.4.0');
});

test('parseNetworkConfig() names source, field, value and what was expected', () => {
  const cases: readonly (readonly [unknown, string, number])[] = [
    ['', ': not JSON: it is empty', 6],
    ['[]', ': holds [], expected a JSON object', 7],
    ['"x"', ': holds "x", expected a JSON object', 7],
    [{ cniVersion: '0.3.1', type: 'a' }, ': missing network name, expected the field "name"', 7],
    [
      { ...base, name: 'a/b', type: 'a' },
      ': invalid characters found in network name "a/b", expected letters, digits, ".", "_" or "-" after a letter or digit',
      7,
    ],
    [
      { name: 'a', type: 'a' },
      ': cniVersion is missing, expected one of 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0',
      1,
    ],
    [
      { ...base, cniVersion: '0.5.0', type: 'a' },
      ': cniVersion is "0.5.0", expected one of 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0',
      1,
    ],
    [{ ...base, cniVersion: 1, type: 'a' }, ': cniVersion is 1, expected a string', 1],
    [base, ': has neither "type" nor "plugins", expected one of them', 7],
    [{ ...base, plugins: [] }, ': plugins is [], expected a list of at least one plugin', 7],
    [{ ...base, plugins: {} }, ': plugins is {}, expected a list of at least one plugin', 7],
    [{ ...base, plugins: [{ type: 'a' }, 'b'] }, ': plugins[1] is "b", expected an object', 7],
    [{ ...base, plugins: [{}] }, ': plugins[0].type is missing, expected the name of a plugin', 7],
    [{ ...base, type: '../x' }, ': type is "../x", expected a plain file name', 7],
    [{ ...base, plugins: [{ type: 'a/b' }] }, ': plugins[0]: type is "a/b", expected a plain file name', 7],
    [
      { ...base, type: 'a', ipam: { type: '../host-local' } },
      ': ipam: type is "../host-local", expected a plain file name',
      7,
    ],
    [{ ...base, type: 'a', ipam: 'x' }, ': ipam is "x", expected an object', 7],
    [{ ...base, type: 'a', disableCheck: 1 }, ': disableCheck is 1, expected true or false', 7],
  ];
  for (const [input, rest, cniCode] of cases)
    assert.throws(() => parse(input), { message: `Cannot use ${source}${rest}`, cniCode });
});

test('parseNetworkConfig() quotes what the JSON parser met', () => {
  assert.throws(() => parse('{ # comment\n}'), {
    message: /^Cannot use NetworkAttachmentDefinition "ns\/x": spec\.config: not JSON: .+/,
  });
});

test('parseNetworkConfig() throws nothing but CniError, whatever it is given', () => {
  const odd = fc.oneof(
    fc.string(),
    fc.json(),
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom('name', 'cniVersion', 'type', 'plugins', 'ipam'), fc.jsonValue()),
  );
  fc.assert(
    fc.property(odd, input => {
      try {
        parseNetworkConfig(input, { source, defaultName: 'a', defaultVersion: '1.0.0' });
      } catch (error) {
        assert.ok(error instanceof CniError, String(error));
      }
    }),
  );
});
