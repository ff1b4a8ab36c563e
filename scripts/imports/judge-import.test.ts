import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FoundImport } from './find-imports.ts';
import { judgeImport } from './judge-import.ts';

function found(specifier: string, rest: Partial<FoundImport> = {}): FoundImport {
  return { specifier, line: 1, isTypeOnly: false, names: [], ...rest };
}

const allowed: readonly (readonly [string, FoundImport])[] = [
  ['src/wiring/apply.ts', found('#netlink', { names: ['createVeth'] })],
  ['src/plugins/veth/plan.ts', found('#wiring', { isTypeOnly: true })],
  ['src/plugins/veth/plan.ts', found('../plugin.ts')],
  ['src/netns/enter.ts', found('#sys', { names: ['setnsSync'] })],
  ['src/sys/libc.ts', found('koffi')],
  ['src/ip/address.ts', found('node:net')],
  ['src/ipam/dialects/x/testing-wishes.ts', found('../../../api/testing.ts')],
];

for (const [file, item] of allowed) {
  test(`judgeImport() lets ${file} import ${item.specifier}`, () => assert.equal(judgeImport(file, item), undefined));
}

const refused: readonly (readonly [string, FoundImport, RegExp])[] = [
  ['src/base/log.ts', found('#ip'), /may not import "#ip"/],
  ['src/plugins/veth/plan.ts', found('#wiring'), /only types/],
  ['src/plugins/veth/plan.ts', found('#ipam'), /may not import "#ipam"/],
  ['src/plugins/veth/plan.ts', found('../../ip/address.ts'), /leaves the room: import from "#ip"/],
  ['src/ipam/store/take-any.ts', found('../../api/testing.ts'), /leaves the room: import from "#api"/],
  ['src/ipam/testing.ts', found('../api/object.ts'), /leaves the room: import from "#api"/],
  ['src/api/testing.ts', found('../ipam/testing.ts'), /leaves the room: import from "#ipam"/],
  ['src/wiring/apply.ts', found('./diff'), /must end in .ts/],
  ['src/wiring/apply.ts', found('#wiring'), /own door/],
  ['src/netlink/socket.ts', found('#sys', { names: ['setnsSync'] }), /only for netns/],
  [
    'src/attach/add/add.ts',
    found('#netlink', { names: ['listLinks', 'createVeth'] }),
    /"createVeth" .* only for wiring/,
  ],
  ['src/attach/add/add.ts', found('koffi'), /belongs to room "sys"/],
  ['src/elsewhere/x.ts', found('#base'), /not in the import matrix/],
];

for (const [file, item, problem] of refused) {
  test(`judgeImport() refuses ${item.specifier} ${item.names.join(' ')} in ${file}`, () => {
    assert.match(judgeImport(file, item) ?? '', problem);
  });
}
