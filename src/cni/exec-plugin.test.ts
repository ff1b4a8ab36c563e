import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '#base';
import { execPlugin, type PluginExec } from './exec-plugin.ts';
import { findPlugin } from './find-plugin.ts';
import { formatPluginEnv } from './plugin-env.ts';

const dir = mkdtempSync(join(tmpdir(), 'underlane-exec-'));
after(() => rmSync(dir, { recursive: true }));
let count = 0;

function script(body: string): string {
  const path = join(dir, `plugin${count++}`);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

function run(path: string, changes: Partial<PluginExec> = {}) {
  const env = { PATH: process.env['PATH'] ?? '' };
  return execPlugin({ path, command: 'ADD', env, stdin: '{}', timeoutMs: 30_000, ...changes });
}

/** Resolves once the file has a complete line. */
async function lineOf(path: string): Promise<string> {
  while (!existsSync(path) || !readFileSync(path, 'utf8').endsWith('\n')) await systemClock.sleep(5);
  return readFileSync(path, 'utf8').trim();
}

test('execPlugin() passes stdin and exactly the given environment, and returns stdout', async () => {
  const { stdout } = await run(script('cat; env | grep -c SECRET; echo "$CNI_IFNAME"'), {
    stdin: '{"a":1}\n',
    env: { PATH: process.env['PATH'] ?? '', CNI_IFNAME: 'net1' },
  });
  assert.equal(stdout, '{"a":1}\n0\nnet1\n');
});

test('execPlugin() lives with a plugin that does not read its stdin', async () => {
  assert.deepEqual(await run(script('exec 0<&-; echo ok'), { stdin: 'x'.repeat(1_000_000) }), { stdout: 'ok\n' });
});

test("execPlugin() keeps a plugin's own error number, message and details", async () => {
  const path = script(`echo '{"cniVersion":"1.0.0","code":114,"msg":"no VF left","details":"pf0"}'; exit 1`);
  await assert.rejects(run(path), {
    cniCode: 114,
    message: /failed its ADD: no VF left$/,
    explanation: 'pf0',
    retriable: false,
  });
  const later = script(`echo '{"code":11,"msg":"later"}'; exit 1`);
  await assert.rejects(run(later), { cniCode: 11, retriable: true });
});

test('execPlugin() quotes what a plugin printed instead of an error', async () => {
  await assert.rejects(run(script('echo rubbish; echo why >&2; exit 3')), {
    code: 'CNI_DELEGATE_FAILED',
    cniCode: 999,
    message: /ended its ADD with exit code 3, expected a CNI error on stdout: stdout "rubbish\\n", stderr "why\\n"$/,
  });
  await assert.rejects(run(script('exit 1')), { message: /stdout "", stderr ""$/ });
  await assert.rejects(run(script(`echo '{"code":0}'; exit 1`)), { cniCode: 999 });
  await assert.rejects(run(script('kill -TERM $$')), { message: /with signal SIGTERM/ });
});

test('execPlugin() names the network in every error', async () => {
  const network = 'default/lan';
  const errors: readonly (readonly [string, RegExp])[] = [
    ['exit 1', /^Plugin "plugin\d+" of network "default\/lan" ended its ADD with exit code 1/],
    [`echo '{"code":7,"msg":"no"}'; exit 1`, /^Plugin "plugin\d+" of network "default\/lan" failed its ADD: no$/],
    ['sleep 1000', /^Plugin "plugin\d+" of network "default\/lan" did not end its ADD within 300 ms/],
    ['yes', /^Plugin "plugin\d+" of network "default\/lan" printed more than/],
  ];
  for (const [body, message] of errors) {
    const timeoutMs = body.startsWith('sleep') ? 300 : 30_000;
    await assert.rejects(run(script(body), { network, timeoutMs }), { message });
  }
  await assert.rejects(run(join(dir, 'absent'), { network }), {
    message: /^Cannot run plugin ".*absent" of network "default\/lan" for its ADD: .*ENOENT/,
  });
});

test('execPlugin() takes an error for an error although the plugin says that it succeeded; only ADD prints anything', async () => {
  const path = script(`echo '{"cniVersion":"1.0.0","code":114,"msg":"no VF left"}'`);
  await assert.rejects(run(path), {
    cniCode: 114,
    message: /ended its ADD with exit code 0 but printed an error: no VF left$/,
  });
  await run(path, { command: 'DEL' });
});

test('execPlugin() ends what a failing plugin leaves running, and lets be what a successful one does', async () => {
  const pidFile = join(dir, 'pid-rest');
  const rest = `sh -c 'echo $$ > ${pidFile}; exec sleep 1000' >/dev/null 2>&1 & while [ ! -s ${pidFile} ]; do sleep 0.01; done`;
  await assert.rejects(run(script(`${rest}\nexit 1`)), { message: /exit code 1/ });
  await gone(Number(await lineOf(pidFile)));
  rmSync(pidFile);
  await run(script(rest));
  const pid = Number(await lineOf(pidFile));
  assert.notEqual(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '');
  process.kill(pid, 'SIGKILL');
});

test('execPlugin() is not held up by what a failing plugin left outside of its group', async () => {
  const pidFile = join(dir, 'pid-outside');
  const path = script(
    `setsid sh -c 'echo $$ > ${pidFile}; exec sleep 1000' & while [ ! -s ${pidFile} ]; do sleep 0.01; done; echo rubbish; exit 3`,
  );
  await assert.rejects(run(path), { message: /exit code 3.*rubbish/ });
  process.kill(Number(await lineOf(pidFile)), 'SIGKILL');
});

test('execPlugin() takes a plugin with a fork bomb of children down as a whole', async () => {
  const pids = join(dir, 'bomb');
  const path = script(
    `f() { echo $$ >>${pids}; sh -c 'echo $$ >>${pids}; exec sleep 1000' & }\nwhile :; do f; f; sleep 0.02; done`,
  );
  await assert.rejects(run(path, { timeoutMs: 500 }), { message: /it was killed/ });
  const all = readFileSync(pids, 'utf8').trim().split('\n').map(Number);
  assert.ok(all.length > 5);
  for (const pid of all) await gone(pid);
});

test('execPlugin() reads a megabyte of stderr and keeps the end of it', async () => {
  const path = script('head -c 1000000 /dev/zero | tr "\\0" x >&2; echo the end >&2; exit 1');
  await assert.rejects(run(path), { message: /x+the end\\n"$/ });
});

test('execPlugin() kills the whole process group after the timeout', async () => {
  const pidFile = join(dir, 'pid');
  const path = script(`sh -c 'echo $$ > ${pidFile}; exec sleep 1000' & wait`);
  await assert.rejects(run(path, { timeoutMs: 500 }), {
    cniCode: 11,
    message: /did not end its ADD within 500 ms; it was killed/,
  });
  await gone(Number(await lineOf(pidFile)));
});

test('execPlugin() kills the whole process group when aborted, and rejects with the reason', async () => {
  const pidFile = join(dir, 'pid-abort');
  const path = script(`sh -c 'trap "" TERM; echo $$ > ${pidFile}; sleep 1000' & wait`);
  const controller = new AbortController();
  const running = run(path, { signal: controller.signal });
  const pid = Number(await lineOf(pidFile));
  const reason = new Error('cancelled');
  controller.abort(reason);
  await assert.rejects(running, reason);
  await gone(pid);
});

test('execPlugin() does not start when already aborted', async () => {
  const witness = join(dir, 'started');
  await assert.rejects(
    run(script(`touch ${witness}`), { signal: AbortSignal.abort(new Error('cancelled')) }),
    /cancelled/,
  );
  assert.ok(!existsSync(witness));
});

test('execPlugin() is not held up by a process that left the group with the pipes', async () => {
  const pidFile = join(dir, 'pid-left');
  const path = script(`setsid sh -c 'echo $$ > ${pidFile}; exec sleep 1000' & exit 0`);
  await assert.rejects(run(path, { timeoutMs: 1_000 }), {
    code: 'CNI_TRY_AGAIN_LATER',
    message: /ended its ADD but left a process running that holds its output open; it was given up after 1000 ms$/,
  });
  process.kill(Number(await lineOf(pidFile)), 'SIGKILL');
});

test('execPlugin() stops a plugin that prints without end', async () => {
  await assert.rejects(run(script('yes')), { cniCode: 6, message: /printed more than 1048576 bytes/ });
});

test('execPlugin() says what cannot be run', async () => {
  await assert.rejects(run(join(dir, 'absent')), {
    cniCode: 5,
    message: /^Cannot run plugin ".*absent" for its ADD: .*ENOENT/,
  });
  const plain = join(dir, 'plain');
  writeFileSync(plain, 'x', { mode: 0o644 });
  await assert.rejects(run(plain), { cniCode: 5, message: /EACCES/ });
});

test('execPlugin() waits for a program that is still being written', async () => {
  const path = join(dir, 'busy');
  writeFileSync(path, readFileSync('/bin/true'), { mode: 0o755 });
  const fd = openSync(path, 'r+');
  let isOpen = true;
  const running = run(path).finally(() => assert.ok(!isOpen));
  await systemClock.sleep(300);
  isOpen = false;
  closeSync(fd);
  assert.deepEqual(await running, { stdout: '' });
});

test('findPlugin() takes the first regular file in order of the directories', async () => {
  const [one, two] = [join(dir, 'one'), join(dir, 'two')];
  for (const path of [one, two]) mkdirSync(path);
  mkdirSync(join(one, 'a'));
  writeFileSync(join(two, 'a'), '');
  symlinkSync(join(two, 'a'), join(two, 'link'));
  assert.equal(await findPlugin('a', [join(dir, 'absent'), one, two]), join(two, 'a'));
  assert.equal(await findPlugin('link', [one, two]), join(two, 'link'));
  assert.equal(await findPlugin('b', [one, two]), undefined);
  await assert.rejects(findPlugin('../two/a', [one]), { cniCode: 7 });
});

test('findPlugin() looks below a root as a process there does: no link leads out of it', async () => {
  const root = join(dir, 'root');
  mkdirSync(join(root, 'var/lib/cni'), { recursive: true });
  mkdirSync(join(root, 'opt'));
  writeFileSync(join(root, 'var/lib/cni/a'), '');
  // As hosts with a read-only /opt have it.
  symlinkSync('/var/lib/cni', join(root, 'opt/cni'));
  symlinkSync('../../../../../../var/lib/cni/a', join(root, 'var/lib/cni/up'));
  symlinkSync('/bin/sh', join(root, 'var/lib/cni/out'));
  symlinkSync('round', join(root, 'var/lib/cni/round'));
  for (const name of ['a', 'up']) assert.equal(await findPlugin(name, ['/opt/cni'], root), `/opt/cni/${name}`);
  assert.equal(await findPlugin('out', ['/opt/cni'], root), undefined);
  await assert.rejects(findPlugin('round', ['/opt/cni'], root), /more than 40 symbolic links/);
});

test('formatPluginEnv() holds the six CNI variables, PATH and our own two where given', () => {
  const input = {
    command: 'DEL',
    containerId: 'c1',
    ifname: 'net1',
    args: { A: '1', B: '2' },
    binDirs: ['/a', '/b'],
  } as const;
  const { PATH, ...env } = formatPluginEnv(input);
  assert.ok(PATH);
  assert.deepEqual(env, {
    CNI_COMMAND: 'DEL',
    CNI_CONTAINERID: 'c1',
    CNI_NETNS: '',
    CNI_IFNAME: 'net1',
    CNI_ARGS: 'A=1;B=2',
    CNI_PATH: '/a:/b',
  });
  const nested = formatPluginEnv({ ...input, netns: '/n', call: 't', socket: '/s' });
  assert.equal(nested['CNI_NETNS'], '/n');
  assert.equal(nested['UNDERLANE_CALL'], 't');
  assert.equal(nested['UNDERLANE_SOCKET'], '/s');
});

/** Resolves once the process does not run any more (a zombie has no command line). */
async function gone(pid: number): Promise<void> {
  const path = `/proc/${pid}/cmdline`;
  while (existsSync(path) && readFileSync(path, 'utf8') !== '') await systemClock.sleep(5);
}
