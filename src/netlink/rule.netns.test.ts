import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { addRule, deleteRule, listRules } from './rule.ts';
import { pick, type TestNamespace, withNamespaces } from './testing.ts';

const options = skipUnlessRing2();

describe('addRule()', options, () => {
  const show = (here: TestNamespace, family: '-4' | '-6'): unknown[] =>
    pick(
      here.ipJson(`${family} rule show`).filter(rule => !DEFAULT_PRIORITIES.includes(rule['priority'])),
      'priority',
      'src',
      'dst',
      'dstlen',
      'iif',
      'fwmark',
      'fwmask',
      'table',
      'protocol',
    );
  const DEFAULT_PRIORITIES: readonly unknown[] = [0, 32_766, 32_767];

  test('adds rules with every selector, which listRules() tells', () =>
    withNamespaces(here => {
      const rules = [
        { family: 4, priority: 500, from: '172.18.0.10', table: 1000 },
        { family: 4, priority: 501, to: '10.96.0.0/12', iif: 'lo', fwmark: 0x10, fwmask: 0xff, table: 100 },
        { family: 4, priority: 502, fwmark: 0x80000000, table: 70_000 },
        { family: 6, priority: 500, from: 'fd00::10/128', to: 'fd00:96::/112', table: 1000 },
      ] as const;
      for (const rule of rules) addRule(here.socket, rule);
      assert.deepEqual(show(here, '-4'), [
        { priority: 500, src: '172.18.0.10', table: '1000', protocol: 'unspec' },
        {
          priority: 501,
          src: 'all',
          dst: '10.96.0.0',
          dstlen: 12,
          iif: 'lo',
          fwmark: '0x10',
          fwmask: '0xff',
          table: '100',
          protocol: 'unspec',
        },
        { priority: 502, src: 'all', fwmark: '0x80000000', table: '70000', protocol: 'unspec' },
      ]);
      assert.deepEqual(show(here, '-6'), [
        { priority: 500, src: 'fd00::10', dst: 'fd00:96::', dstlen: 112, table: '1000', protocol: 'unspec' },
      ]);
      const listed = listRules(here.socket).filter(rule => !DEFAULT_PRIORITIES.includes(rule.priority));
      assert.deepEqual(listed, [
        { ...rules[0], from: '172.18.0.10/32' },
        rules[1],
        { ...rules[2], fwmask: 0xffffffff },
        rules[3],
      ]);
    }));

  test('refuses the very same rule twice; deleteRule() takes it away once', () =>
    withNamespaces(here => {
      const rule = { family: 4, priority: 500, from: '172.18.0.10', table: 1000 } as const;
      addRule(here.socket, rule);
      assert.throws(() => addRule(here.socket, rule), {
        code: 'EEXIST',
        message: 'Cannot add rule "500: from 172.18.0.10 lookup 1000": EEXIST',
      });
      addRule(here.socket, { ...rule, from: '172.18.0.11' });
      deleteRule(here.socket, rule);
      assert.deepEqual(show(here, '-4'), [{ priority: 500, src: '172.18.0.11', table: '1000', protocol: 'unspec' }]);
      assert.throws(() => deleteRule(here.socket, rule), { code: 'ENOENT' });
    }));

  test('tells whose rule it is; deleteRule() with a protocol takes that one only', () =>
    withNamespaces(here => {
      const rule = { family: 4, priority: 500, table: 1000 } as const;
      addRule(here.socket, { ...rule, protocol: 3 });
      addRule(here.socket, { ...rule, from: '10.0.0.1', protocol: 4 });
      deleteRule(here.socket, { ...rule, protocol: 4 });
      assert.deepEqual(show(here, '-4'), [{ priority: 500, src: 'all', table: '1000', protocol: 'boot' }]);
    }));

  test('refuses a selector of the other family, naming it', () =>
    withNamespaces(here => {
      assert.throws(() => addRule(here.socket, { family: 4, priority: 500, from: 'fd00::1', table: 100 }), {
        code: 'EINVAL',
        message: 'Cannot add rule "500: from fd00::1 lookup 100": EINVAL (prefix "fd00::1": expected IPv4)',
      });
    }));
});

describe('listRules()', options, () => {
  test('leaves out rules that a fact cannot tell', () =>
    withNamespaces(here => {
      const before = listRules(here.socket);
      for (const rule of [
        'not from 10.0.0.1 table 100',
        'oif lo table 100',
        'uidrange 0-0 table 100',
        'tos 0x10 table 100',
      ])
        here.ip(`rule add ${rule}`);
      for (const rule of [
        // The number, since naming a protocol takes a file that a bare machine lacks.
        'ipproto 6 dport 80 table 100',
        'from 10.0.0.1 blackhole',
        'table main suppress_prefixlength 0',
      ])
        here.ip(`rule add ${rule}`);
      assert.equal(here.ipJson('-4 rule show').length, 3 + 7);
      assert.deepEqual(listRules(here.socket), before);
    }));
});
