import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { demandsOf } from './demands-of.ts';
import { controllerOf } from './testing.ts';

const KEY = 'ipam.spidernet.io/';

suite('demandsOf()', () => {
  const of = (annotations: Readonly<Record<string, unknown>>, pods: number | undefined = 2) =>
    demandsOf({
      controller: controllerOf('web'),
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [
          `${KEY}${key}`,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      ),
      pods,
    });
  const shown = (annotations: Readonly<Record<string, unknown>>, pods?: number): readonly string[] =>
    of(annotations, pods).demands.map(
      ({ interface: own, family, subnet, count: number, isReclaimed }) =>
        `${own} ${family} ${subnet} ${number}${isReclaimed ? '' : ' kept'}`,
    );

  test('asks for a pool of each family, of the first subnet that is named', () => {
    assert.deepEqual(shown({ subnet: { ipv4: ['s4', 's9'], ipv6: ['s6'] } }), ['eth0 4 s4 3', 'eth0 6 s6 3']);
    assert.deepEqual(shown({ subnet: { interface: 'net1', ipv4: ['s4'] } }), ['net1 4 s4 3']);
    const subnets = [
      { interface: 'eth0', ipv4: ['s4'] },
      { interface: 'net1', ipv4: ['s5'] },
    ];
    assert.deepEqual(shown({ subnets }), ['eth0 4 s4 3', 'net1 4 s5 3']);
    assert.deepEqual(shown({ subnets: subnets.map(({ ipv4 }) => ({ ipv4 })) }), ['eth0 4 s4 3', 'net1 4 s5 3']);
    assert.deepEqual(shown({}), []);
  });

  test('counts what is asked for: in all, or beside the pods', () => {
    const subnet = { ipv4: ['s4'] };
    assert.deepEqual(shown({ subnet, 'ippool-ip-number': '5' }), ['eth0 4 s4 5']);
    assert.deepEqual(shown({ subnet, 'ippool-ip-number': '+2' }), ['eth0 4 s4 4']);
    assert.deepEqual(shown({ subnet, 'ippool-ip-number': '+0', 'ippool-reclaim': 'false' }), ['eth0 4 s4 2 kept']);
    assert.deepEqual(shown({ subnet, 'ippool-ip-number': '+0', 'ippool-reclaim': 'F' }, 0), ['eth0 4 s4 0 kept']);
  });

  test('knows what pods need of it at once', () => {
    const needed = (number: string, pods?: number): number | undefined =>
      of({ subnet: { ipv4: ['s4'] }, 'ippool-ip-number': number }, pods).demands[0]?.needed;
    assert.deepEqual([needed('+7', 3), needed('7', 3), needed('2', 3)], [3, 3, 2]);
  });

  test('complains of what it cannot read', () => {
    const subnet = { ipv4: ['s4'] };
    const complaint = (annotations: Readonly<Record<string, unknown>>, pods?: number): unknown =>
      of(annotations, pods).complaints.map(({ message }) => message);
    assert.deepEqual(complaint({ subnet: 'x' }), [
      'Cannot use annotation ipam.spidernet.io/subnet of Deployment "shop/web": it is "x", expected JSON',
    ]);
    assert.deepEqual(complaint({ subnet, 'ippool-ip-number': '++1' }), [
      'Cannot use annotation ipam.spidernet.io/ippool-ip-number of Deployment "shop/web": it is "++1", expected how many addresses in all, like 2, or beside one for each pod, like +2',
    ]);
    assert.deepEqual(
      complaint({
        subnets: [
          { interface: 'eth0', ipv4: ['s4'] },
          { interface: 'net1', ipv4: ['s4'] },
        ],
      }),
      [
        'Cannot use annotation ipam.spidernet.io/subnets of Deployment "shop/web": SpiderSubnet "s4" is named for two interfaces, expected another subnet for each',
      ],
    );
    assert.match(String(complaint({ subnet, 'ippool-ip-number': '0' })), /it is "0", expected how many addresses/);
    assert.match(
      String(complaint({ subnet, 'ippool-reclaim': 'maybe' })),
      /it is "maybe", expected "true" or "false"$/,
    );
    const unknown = demandsOf({
      controller: controllerOf('web', 'CloneSet'),
      annotations: { [`${KEY}subnet`]: '{"ipv4":["s4"]}' },
      pods: undefined,
    });
    assert.match(
      unknown.complaints[0]?.message ?? '',
      /is "\+1", expected a fixed number like 2, since nobody knows how many pods a CloneSet has$/,
    );
  });
});
