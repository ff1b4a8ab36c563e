import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { requireVisible } from './namespace-isolation.ts';

const asked = (...namespaces: readonly string[]) => namespaces.map(namespace => ({ namespace, name: 'lan' }));

suite('requireVisible()', () => {
  test('lets everything through where namespaces are not isolated', () => {
    requireVisible('networks', asked('any', 'other'), 'ns', {});
  });
  test('allowed namespace', () => {
    requireVisible('networks', asked('ns', 'default', 'shared'), 'ns', { openNamespaces: ['default', 'shared'] });
  });
  test('isolation violation', () => {
    assert.throws(() => requireVisible('networks', asked('ns', 'other'), 'ns', { openNamespaces: ['default'] }), {
      code: 'NETWORK_CONFIG',
      message:
        'Cannot use annotation "networks": network is "other/lan", expected one of namespace ns, default (namespaceIsolation)',
    });
  });
});
