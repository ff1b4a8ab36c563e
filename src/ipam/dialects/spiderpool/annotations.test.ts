import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poolOf } from './testing.ts';
import { type Asking, namesOf, wishAt, wishesOf } from './testing-wishes.ts';

test('spiderpoolWishes() reads `ippools` for several interfaces, named or in their order', async () => {
  const pools = [poolOf('a', { ips: ['172.18.1.1'] }), poolOf('b', { ips: ['172.18.1.2'] })];
  const interfaces = [{ name: 'eth0' }, { name: 'net1', nad: 'shop/lan' }];
  const of = async (index: number, ippools: unknown): Promise<unknown> => {
    const own = interfaces[index];
    assert.ok(own !== undefined);
    return namesOf(await wishesOf({ pools, annotations: { ippools }, context: { interface: own, interfaces } }));
  };
  const named = [
    { interface: 'net1', ipv4: ['b'] },
    { interface: 'eth0', ipv4: ['a'] },
  ];
  assert.deepEqual([await of(0, named), await of(1, named)], [[['a']], [['b']]]);
  const unnamed = [{ ipv4: ['a'] }, { ipv4: ['b'] }];
  assert.deepEqual([await of(0, unnamed), await of(1, unnamed)], [[['a']], [['b']]]);
  await assert.rejects(of(1, [{ interface: 'eth0', ipv4: ['a'] }]), {
    code: 'BAD_ANNOTATION',
    message:
      'Cannot use annotation ipam.spidernet.io/ippools of pod "shop/web-1": it is for eth0, expected an item for interface net1 too',
  });
  await assert.rejects(of(1, [{ ipv4: ['a'] }]), {
    code: 'BAD_ANNOTATION',
    message: /it is for 1 items without names, expected an item for interface net1 too$/,
  });
});

const MALFORMED: readonly [NonNullable<Asking['annotations']>, string][] = [
  [{ ippool: 'x' }, 'ippool of pod "shop/web-1": it is "x", expected JSON'],
  [{ ippool: [] }, 'ippool of pod "shop/web-1": the object is [], expected an object'],
  [{ ippool: {} }, 'ippool of pod "shop/web-1": it is {}, expected at least one name in ipv4 or ipv6'],
  [{ ippool: { ipv4: 'a' } }, 'ippool of pod "shop/web-1": ipv4 is "a", expected a list'],
  [{ ippool: { ipv4: ['a', 'a'] } }, 'ippool of pod "shop/web-1": ipv4[1] is "a", expected each name once'],
  [{ ippools: [] }, 'ippools of pod "shop/web-1": the object is [], expected at least 1 items'],
  [
    { ippools: [{ interface: 'eth0', ipv4: ['a'], cleangateway: 'no' }] },
    'ippools of pod "shop/web-1": [0].cleangateway is "no", expected true or false',
  ],
  [
    { ippools: [{ interface: 'eth0', ipv4: ['a'] }, { ipv4: ['a'] }] },
    'ippools of pod "shop/web-1": [1].interface is missing, expected a name in every item or in none',
  ],
  [
    {
      ippools: [
        { interface: 'eth0', ipv4: ['a'] },
        { interface: 'eth0', ipv4: ['b'] },
      ],
    },
    'ippools of pod "shop/web-1": [1].interface is "eth0", expected each interface once',
  ],
  [
    { ippool: { ipv4: ['a'] }, routes: { dst: 'x' } },
    'routes of pod "shop/web-1": the object is {"dst":"x"}, expected a list',
  ],
  [
    { ippool: { ipv4: ['a'] }, routes: [{ dst: '10.0.0.1', gw: '10.0.0.1' }] },
    'routes of pod "shop/web-1": [0].dst is "10.0.0.1", expected a network like 10.0.0.0/16 or 0.0.0.0/0',
  ],
  [
    { ippool: { ipv4: ['a'] }, routes: [{ dst: '10.0.0.0/8', gw: 'fd00::1' }] },
    'routes of pod "shop/web-1": [0].gw is "fd00::1", expected an IPv4 address, as dst is one',
  ],
  [
    { ippool: { ipv4: ['a', 'a\n\u001b[31mb'] } },
    'ippool of pod "shop/web-1": ipv4[1] is "a\\n\\u001b[31mb", expected a name of at most 253 characters, or a pattern like lan-*',
  ],
  [
    { ippool: { ipv4: ['*a'.repeat(50_000)] } },
    `ippool of pod "shop/web-1": ipv4[0] is "${'*a'.repeat(40).slice(0, 79)}..., expected a name of at most 253 characters, or a pattern like lan-*`,
  ],
  [
    { ippools: [{ interface: 'x'.repeat(100_000), ipv4: ['a'] }] },
    `ippools of pod "shop/web-1": [0].interface is "${'x'.repeat(79)}..., expected the name of an interface, at most 15 characters`,
  ],
  [
    { ippool: '{"ipv4":['.padEnd(100_000, '[').concat(']'.repeat(100_000 - 8), '}') },
    `ippool of pod "shop/web-1": ipv4[0] is ${'['.repeat(80)}..., expected a string`,
  ],
];

for (const [annotations, message] of MALFORMED) {
  test(`spiderpoolWishes() on a wrong annotation: ${message}`, async () => {
    await assert.rejects(wishesOf({ pools: [poolOf('a')], annotations }), {
      code: 'BAD_ANNOTATION',
      message: `Cannot use annotation ipam.spidernet.io/${message}`,
    });
  });
}

test('spiderpoolWishes() passes over members of annotations that mean nothing', async () => {
  const ippools = [{ interface: 'eth0', ipv4: ['a'], nic: 'eth0', routes: [], defaultRoute: true }];
  assert.deepEqual(namesOf(await wishesOf({ pools: [poolOf('a')], annotations: { ippools } })), [['a']]);
});

test('spiderpoolWishes() takes annotations of 250 KB, and shows little of those that are wrong', async () => {
  const many = Array.from({ length: 5000 }, (_, index) => `${'n'.repeat(40)}-${index}`);
  const pools = [poolOf('a')];
  assert.deepEqual(namesOf(await wishesOf({ pools, annotations: { ippool: { ipv4: ['a', ...many] } } })), [['a']]);
  await assert.rejects(wishesOf({ pools, annotations: { ippool: { ipv4: many.join() } } }), (error: Error) => {
    return error.message.length < 300;
  });
  const wishes = await wishesOf({
    pools: [poolOf('off', { disable: true })],
    annotations: { ippool: { ipv4: ['off', ...many] } },
  });
  assert.ok((wishAt(wishes).closed ?? '').length < 2000);
  const ippools = Array.from({ length: 6000 }, (_, index) => ({ interface: `if${index}`, ipv4: ['a'] }));
  await assert.rejects(wishesOf({ pools, annotations: { ippools } }), {
    message:
      'Cannot use annotation ipam.spidernet.io/ippools of pod "shop/web-1": it is for if0, if1, if2, if3, if4, if5, if6, if7, if8, if9, and 5990 more, expected an item for interface eth0 too',
  });
  const asked = { ips: Array.from({ length: 3000 }, () => '172.18.30.131') };
  await assert.rejects(
    wishesOf({ pools, annotations: { ippool: { ipv4: ['a'] } }, context: { asked } }),
    ({ message }: Error) => message.length < 400,
  );
});
