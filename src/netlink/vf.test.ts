import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type Attribute, bytes, encodeAttributes, nested, u32 } from './attribute.ts';
import type { VfSetting } from './fact.ts';
import { encodeLinkHeader } from './link-message.ts';
import type { Decoder, RouteSocket } from './route-socket.ts';
import { recordingSocket } from './testing.ts';
import { formatVfSetting, listVfs, setVf } from './vf.ts';

const HEADERS_HEX = 2 * 32;

/** What `ip link set dev ens1 vf 3 ...` of iproute2 6.1.0 sends behind its headers, taken with `strace -e write=all`. */
const SENT: readonly (readonly [VfSetting, string])[] = [
  [
    { name: 'mac', mac: '02:00:00:00:00:0a' },
    `30 00 16 00 2c 00 01 00  28 00 01 00 03 00 00 00  02 00 00 00 00 0a 00 00  00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00`,
  ],
  [
    { name: 'vlan', id: 100, qos: 2, protocol: '802.1Q' },
    '18 00 16 00 14 00 01 00  10 00 02 00 03 00 00 00  64 00 00 00 02 00 00 00',
  ],
  [
    { name: 'vlan', id: 100, qos: 2, protocol: '802.1ad' },
    `20 00 16 00 1c 00 01 00  18 00 0c 00 14 00 01 00  03 00 00 00 64 00 00 00  02 00 00 00 88 a8 00 00`,
  ],
  [{ name: 'rate', min: 10, max: 100 }, '18 00 16 00 14 00 01 00  10 00 06 00 03 00 00 00  0a 00 00 00 64 00 00 00'],
  [{ name: 'spoofchk', isOn: true }, '14 00 16 00 10 00 01 00  0c 00 04 00 03 00 00 00  01 00 00 00'],
  [{ name: 'trust', isOn: true }, '14 00 16 00 10 00 01 00  0c 00 09 00 03 00 00 00  01 00 00 00'],
  [{ name: 'state', state: 'disable' }, '14 00 16 00 10 00 01 00  0c 00 05 00 03 00 00 00  02 00 00 00'],
];

suite('setVf()', () => {
  for (const [setting, dump] of SENT) {
    test(`sends what \`ip link set vf 3 ${formatVfSetting(setting)}\` sends`, () => {
      const socket = recordingSocket();
      setVf(socket, 7, 3, setting);
      assert.equal(socket.sent[0]?.slice(HEADERS_HEX), dump.replace(/\s+/g, ''));
    });
  }
  test('takes no MAC that is none', () => {
    const socket = recordingSocket();
    assert.throws(() => setVf(socket, 7, 3, { name: 'mac', mac: 'x' }), { code: 'EINVAL' });
  });
});

/** `struct ifla_vf_*`: 32-bit numbers, the first the virtual function's. */
function numbers(type: number, ...values: readonly number[]): Attribute {
  return bytes(type, Buffer.concat(values.map(value => Buffer.from(Uint32Array.of(value).buffer))));
}

/** A link with one virtual function, in the kernel's own order (rtnl_fill_vfinfo). */
function kernelAnswer(vf: number, { spoofchk, trust }: { spoofchk: number; trust: number }): Buffer {
  const mac = Buffer.alloc(36);
  mac.writeUInt32LE(vf, 0);
  mac.set([2, 0, 0, 0, 0, 9], 4);
  const vlan = Buffer.from([vf, 0, 0, 0, 100, 0, 0, 0, 3, 0, 0, 0, 0x88, 0xa8, 0, 0]);
  return Buffer.concat([
    encodeLinkHeader({ ifindex: 7 }),
    encodeAttributes([
      u32(21, 1),
      nested(22, [
        nested(1, [
          bytes(1, mac),
          bytes(13, Buffer.alloc(32)),
          numbers(2, vf, 100, 3),
          numbers(6, vf, 5, 50),
          numbers(3, vf, 50),
          numbers(4, vf, spoofchk),
          numbers(5, vf, 2),
          numbers(7, vf, 0xffff_ffff),
          numbers(9, vf, trust),
          nested(12, [bytes(1, vlan)]),
        ]),
      ]),
    ]),
  ]);
}

function answeringSocket(answer: Buffer): RouteSocket {
  const fetch = <T>(_request: unknown, _action: string, decode: Decoder<T>) => decode(answer, 0, answer.length);
  // `as`: nobody asks for anything else.
  return { fetch } as unknown as RouteSocket;
}

suite('listVfs()', () => {
  test('reads what the kernel tells, the list of VLANs before the one that knows no protocol', () => {
    assert.deepEqual(listVfs(answeringSocket(kernelAnswer(3, { spoofchk: 1, trust: 0 })), 7), [
      {
        vf: 3,
        settings: [
          { name: 'mac', mac: '02:00:00:00:00:09' },
          { name: 'vlan', id: 100, qos: 3, protocol: '802.1ad' },
          { name: 'rate', min: 5, max: 50 },
          { name: 'spoofchk', isOn: true },
          { name: 'state', state: 'disable' },
          { name: 'trust', isOn: false },
        ],
      },
    ]);
  });
  test('leaves out what the driver does not have', () => {
    const [fact] = listVfs(answeringSocket(kernelAnswer(0, { spoofchk: 0xffff_ffff, trust: 0xffff_ffff })), 7);
    assert.deepEqual(
      fact?.settings.map(({ name }) => name),
      ['mac', 'vlan', 'rate', 'state'],
    );
  });
  test('finds none on a link without', () => {
    assert.deepEqual(listVfs(answeringSocket(encodeLinkHeader({ ifindex: 7 })), 7), []);
  });
  test('reads back whatever was set', () => {
    const u32s = fc.nat(0xffff_fffe);
    const setting: fc.Arbitrary<VfSetting> = fc.oneof(
      fc.record({ name: fc.constant('rate' as const), min: u32s, max: u32s }),
      fc.record({ name: fc.constantFrom('spoofchk' as const, 'trust' as const), isOn: fc.boolean() }),
      fc.record({ name: fc.constant('state' as const), state: fc.constantFrom('auto', 'enable', 'disable') }),
      fc.record({
        name: fc.constant('vlan' as const),
        id: fc.nat(4094),
        qos: fc.nat(7),
        protocol: fc.constantFrom('802.1Q', '802.1ad'),
      }),
    );
    fc.assert(
      fc.property(setting, wanted => {
        const socket = recordingSocket();
        setVf(socket, 7, 3, wanted);
        // Behind the message's own header it has the form of an answer.
        const answer = Buffer.from(socket.sent[0]?.slice(32) ?? '', 'hex');
        assert.deepEqual(listVfs(answeringSocket(answer), 7)[0]?.settings, [{ ...wanted }]);
      }),
    );
  });
});
