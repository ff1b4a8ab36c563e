import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPool } from './pool-members.ts';
import { poolOf, spell } from './testing.ts';

test('readPool() reads addresses, ranges and prefixes of both families', () => {
  const { members, problems } = readPool(
    poolOf('pool-1', ['10.16.0.201', '10.16.0.210/30', '10.16.0.220..10.16.0.230', 'fd00::10..fd00::1f']),
  );
  assert.deepEqual(problems, []);
  assert.equal(spell(4, members[4]), '10.16.0.201,10.16.0.208-10.16.0.211,10.16.0.220-10.16.0.230');
  assert.equal(spell(6, members[6]), 'fd00::10-fd00::1f');
});

test('readPool() says what is wrong with which entry', () => {
  const messages = (name: string, ips: readonly string[]): readonly string[] =>
    readPool(poolOf(name, ips)).problems.map(({ message }) => message);
  assert.match(
    messages('10.0.0.1', ['10.16.0.1'])[0] ?? '',
    /^metadata\.name is "10\.0\.0\.1", expected a name that is no/,
  );
  assert.match(
    messages('p', ['10.16.0.1', 'x'])[0] ?? '',
    /^spec\.ips\[1\] is "x", expected an address like .* or a prefix$/,
  );
  assert.match(messages('p', ['10.16.0.9..10.16.0.5'])[0] ?? '', /whose end is not below its start/);
  assert.match(messages('p', ['10.16.0.1', '10.16.0.1'])[0] ?? '', /no addresses that spec\.ips\[0\] has/);
});

test('readPool() reads 5,000 entries', () => {
  const ips = Array.from({ length: 5000 }, (_, index) => `10.${index >> 8}.${index & 255}.2`);
  const { members, problems } = readPool(poolOf('p', ips));
  assert.equal(members[4].length, 5000);
  assert.deepEqual(problems, []);
});
