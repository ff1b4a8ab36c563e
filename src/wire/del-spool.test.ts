import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { listSpool, readSpooled, removeSpooled, setAsideSpooled, writeSpooled } from './del-spool.ts';
import { encodeRequest } from './request-frame.ts';

const root = mkdtempSync(join(tmpdir(), 'underlane-spool-'));
after(() => rmSync(root, { recursive: true }));
let count = 0;
const newDir = (): string => join(root, `state${count++}`, 'del-spool');
const request = { plugin: 'underlane', env: { CNI_COMMAND: 'DEL' }, stdin: new Uint8Array([123, 0, 125]) };
const frame = encodeRequest(request);

test('writeSpooled() makes a private folder with the request frame in a file named after its key', async () => {
  const dir = newDir();
  const path = await writeSpooled(dir, { containerId: 'c1', ifname: 'eth0', pid: 7, nowNs: 42n }, frame);
  assert.deepEqual(readdirSync(dir), ['c1-eth0-7-42.req']);
  assert.deepEqual(readFileSync(path), frame);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('writeSpooled() takes a relative folder, several levels of which are new', async () => {
  const dir = join(relative(process.cwd(), root), `state${count++}`, 'a', 'b');
  const path = await writeSpooled(dir, { containerId: 'c', ifname: 'e', pid: 1, nowNs: 1n }, frame);
  assert.deepEqual(await listSpool(dir), [path]);
});

test('writeSpooled() never leaves its folder, whatever the key holds', async () => {
  const dir = newDir();
  await writeSpooled(dir, { containerId: '../../x', ifname: 'a/b\0', pid: 1, nowNs: 1n }, frame);
  await writeSpooled(dir, { containerId: 'x'.repeat(4000), ifname: '', pid: 1, nowNs: 2n }, frame);
  const files = readdirSync(dir);
  assert.equal(files.length, 2);
  assert.ok(files.includes('.._.._x-a_b_-1-1.req'), String(files));
  assert.equal((await listSpool(dir)).length, 2);
});

test('listSpool() lists requests only, oldest first, and nothing where there is no folder', async () => {
  const dir = newDir();
  assert.deepEqual(await listSpool(dir), []);
  for (const nowNs of [1_700_000_000_000_000_300n, 1_700_000_000_000_900_100n, 999n]) {
    await writeSpooled(dir, { containerId: 'c', ifname: 'e', pid: 1, nowNs }, frame);
  }
  writeFileSync(join(dir, 'c-e-1-5.req.tmp'), 'half');
  const names = (await listSpool(dir)).map(path => path.slice(dir.length + 1));
  assert.deepEqual(names, ['c-e-1-999.req', 'c-e-1-1700000000000000300.req', 'c-e-1-1700000000000900100.req']);
});

test('readSpooled() gives the request back, removeSpooled() removes it and may be repeated', async () => {
  const path = await writeSpooled(newDir(), { containerId: 'c', ifname: 'e', pid: 1, nowNs: 1n }, frame);
  assert.deepEqual(await readSpooled(path), request);
  await removeSpooled(path);
  await removeSpooled(path);
  assert.ok(!existsSync(path));
});

test('readSpooled() refuses a broken file, which setAsideSpooled() takes out of the list', async () => {
  const dir = newDir();
  const path = await writeSpooled(dir, { containerId: 'c', ifname: 'e', pid: 1, nowNs: 1n }, frame.subarray(0, 20));
  await assert.rejects(readSpooled(path), {
    code: 'WIRE_SPOOL',
    message: /^Cannot use spooled DEL ".*c-e-1-1\.req": Frame ended early/,
  });
  await setAsideSpooled(path);
  assert.deepEqual(await listSpool(dir), []);
  assert.deepEqual(readdirSync(dir), ['c-e-1-1.req.broken']);
});

test('writeSpooled() leaves nothing behind when it fails', async () => {
  const dir = newDir();
  const key = { containerId: 'c', ifname: 'e', pid: 1, nowNs: 1n };
  await writeSpooled(dir, key, frame);
  mkdirSync(join(dir, 'c-e-1-2.req'));
  await assert.rejects(writeSpooled(dir, { ...key, nowNs: 2n }, frame), { code: 'EISDIR' });
  assert.deepEqual(readdirSync(dir).sort(), ['c-e-1-1.req', 'c-e-1-2.req']);
  assert.deepEqual(readdirSync(join(dir, 'c-e-1-2.req')), []);
});
