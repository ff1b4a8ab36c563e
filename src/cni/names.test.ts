import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ifnameProblem, isContainerId, isPluginType, requirePluginType } from './names.ts';

test('ifnameProblem() accepts what the kernel accepts', () => {
  for (const ifname of ['eth0', 'net1', 'a', 'fifteen-bytes-x', 'müller'])
    assert.equal(ifnameProblem(ifname), undefined);
});

test('ifnameProblem() says what is wrong with a name', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /is empty/],
    ['sixteen-bytes-xx', /too long: 16 bytes, expected at most 15/],
    ['äääääääü', /too long: 16 bytes/],
    ['.', /is \. or \.\./],
    ['..', /is \. or \.\./],
    ['a/b', /contains \/ or : or whitespace/],
    ['eth0:1', /contains \/ or : or whitespace/],
    ['a b', /contains \/ or : or whitespace/],
    ['a\tb', /contains \/ or : or whitespace/],
    ['a\u2003b', /contains \/ or : or whitespace/],
    ['a\0b', /control characters/],
  ];
  for (const [ifname, problem] of cases) assert.match(ifnameProblem(ifname) ?? 'none', problem, JSON.stringify(ifname));
});

test('isContainerId() takes what the specification takes', () => {
  for (const id of ['a', '0f3c', 'a_b.c-d']) assert.ok(isContainerId(id), id);
  for (const id of ['', '-a', '.a', 'a/b', '../a', 'a b', 'a\n']) assert.ok(!isContainerId(id), id);
});

test('isPluginType() lets no path through', () => {
  for (const type of ['macvlan', 'host-local', 'my.plugin_2']) assert.ok(isPluginType(type), type);
  for (const type of ['', '.', '..', '../x', 'a/b', '/bin/sh', 'a\0', ' a', '-rf'])
    assert.ok(!isPluginType(type), type);
});

test('requirePluginType() names the source and the type', () => {
  assert.throws(() => requirePluginType('../x', 'NetworkAttachmentDefinition "ns/x"'), {
    cniCode: 7,
    message: 'Cannot use NetworkAttachmentDefinition "ns/x": type is "../x", expected a plain file name',
  });
});
