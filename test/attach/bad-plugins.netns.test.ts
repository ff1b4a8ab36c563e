import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { parseRequest, toCniError } from '#cni';
import { createNamespace, deleteNamespace } from '#netns';
import { startTestAttacher, type TestAttacher } from '../../src/attach/testing.ts';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { ip } from './world.ts';

/** Third-party plugins that do everything wrong: each is named with its network, its verb and what it did. */
const { skip } = skipUnlessRing2();

const NETNS = '/run/netns/ul-test-bad';
let dir: string;
let node: TestAttacher;

beforeEach(async () => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'underlane-bad-'));
  for (const name of ['bin', 'conf']) mkdirSync(join(dir, name));
  ip('link add up0 type veth peer name up1');
  createNamespace(NETNS);
  node = await startTestAttacher(dir, { deadlines: { addMs: 60_000, delMs: 60_000, delegateMs: 1_500 } });
});
afterEach(async () => {
  if (skip) return;
  await node[Symbol.asyncDispose]();
  deleteNamespace(NETNS);
  ip('link del up0');
  rmSync(dir, { recursive: true, force: true });
});

const LAN = {
  cniVersion: '1.0.0',
  name: 'lan',
  type: 'macvlan',
  master: 'up0',
  ipam: { type: 'host-local', subnet: '10.9.0.0/24' },
};

/** A pod's request: a good default network, and one with the bad plugin behind a good one. */
function call(command: 'ADD' | 'DEL' | 'CHECK'): Promise<string> {
  const bad = { cniVersion: '1.0.0', name: 'trunk', plugins: [{ ...LAN }, { type: 'bad' }] };
  const stdin = JSON.stringify({ cniVersion: '1.0.0', name: 'cluster', type: 'underlane', delegates: [LAN, bad] });
  const env = { CNI_COMMAND: command, CNI_CONTAINERID: 'c', CNI_IFNAME: 'eth0', CNI_NETNS: NETNS, CNI_PATH: dir };
  return node.attacher.handle(parseRequest({ plugin: 'underlane', env, stdin }), {
    signal: new AbortController().signal,
  });
}

const PASS = `printf %s "$conf" | sed 's/.*"prevResult"://; s/}$//'`;

/** Does `body` on one verb; passes its prevResult through on ADD otherwise. */
function plugin(verb: string, body: string): void {
  const text = `#!/bin/sh\nconf=$(cat)\n[ "$CNI_COMMAND" = ${verb} ] && { ${body}\n}\n[ "$CNI_COMMAND" = ADD ] && ${PASS}\nexit 0\n`;
  writeFileSync(join(dir, 'bin', 'bad'), text, { mode: 0o755 });
}

async function failureOf(work: Promise<unknown>): Promise<{ readonly code: number; readonly msg: string }> {
  const [outcome] = await Promise.allSettled([work]);
  if (outcome.status === 'fulfilled') assert.fail('it succeeded');
  return toCniError(outcome.reason);
}

function assertNothingLeft(what: string): void {
  assert.doesNotMatch(ip('-n ul-test-bad link'), /eth0|net1/, what);
  assert.deepEqual(node.deps.journal.list(), [], what);
}

const OF = 'Plugin "bad" of network "trunk"';
const HANG = `trap "" TERM; (trap "" TERM; sleep 1000) & (sleep 1000 & wait) & wait; wait`;

interface Bad {
  readonly does: string;
  readonly body: string;
  readonly code: number;
  readonly message: string;
}

/** Of ADD and DEL alike. */
const FAILING: readonly Bad[] = [
  { does: 'crashes', body: 'kill -SEGV $$', code: 999, message: `${OF} ended its VERB with signal SIGSEGV` },
  { does: 'is killed', body: 'kill -KILL $$', code: 999, message: `${OF} ended its VERB with signal SIGKILL` },
  {
    does: 'hangs, deaf to SIGTERM, with children that hold its output',
    body: HANG,
    code: 11,
    message: `${OF} did not end its VERB within 1500 ms; it was killed`,
  },
  {
    does: 'fails without a word',
    body: 'exit 4',
    code: 999,
    message: `${OF} ended its VERB with exit code 4, expected a CNI error on stdout: stdout "", stderr ""`,
  },
  {
    does: 'fails in its own words',
    body: 'echo oops; echo reason >&2; exit 4',
    code: 999,
    message: `${OF} ended its VERB with exit code 4, expected a CNI error on stdout: stdout "oops\\\\n", stderr "reason\\\\n"`,
  },
  {
    does: 'fails with half an error',
    body: 'printf \'{"code":7,"ms\'; exit 1',
    code: 999,
    message: `${OF} ended its VERB with exit code 1`,
  },
  {
    does: 'fails with a number of its own',
    body: 'echo \'{"cniVersion":"1.0.0","code":123,"msg":"no such cable","details":"port 4"}\'; exit 1',
    code: 123,
    message: `${OF} failed its VERB: no such cable`,
  },
  {
    does: 'asks for patience',
    body: 'echo \'{"code":11,"msg":"later"}\'; exit 1',
    code: 11,
    message: `${OF} failed its VERB: later`,
  },
  {
    does: 'prints without end',
    body: 'yes',
    code: 6,
    message: `${OF} printed more than 1048576 bytes on its VERB; it was killed`,
  },
  {
    does: 'breaks off after a megabyte on stderr',
    body: 'head -c 1000000 /dev/zero | tr "\\\\0" x >&2; echo the cause >&2; exit 2',
    code: 999,
    message: `${OF} ended its VERB with exit code 2, .*stderr "...x+the cause`,
  },
  {
    does: 'ends and leaves children that hold its output',
    body: '(sleep 1000) & exit 0',
    code: 11,
    message: `${OF} ended its VERB but left a process running that holds its output open`,
  },
];

for (const { does, body, code, message } of FAILING) {
  test(`ADD and DEL name a plugin that ${does}`, { skip }, async () => {
    plugin('ADD', body);
    const failed = await failureOf(call('ADD'));
    assert.match(failed.msg, new RegExp(`^${message.replace('VERB', 'ADD')}`));
    assert.equal(failed.code, code);
    assertNothingLeft('after a failed ADD');

    plugin('DEL', body);
    await call('ADD');
    const stuck = await failureOf(call('DEL'));
    assert.match(stuck.msg, new RegExp(`${message.replace('VERB', 'DEL')}`));
    assert.equal(stuck.code, code);
    assert.doesNotMatch(ip('-n ul-test-bad link'), /eth0|net1/, 'the others are undone all the same');
    plugin('NONE', 'true');
    await call('DEL');
    assertNothingLeft('after the DEL that works');
  });
}

/** Of ADD alone, which is to print a result. */
const MISPRINTS: readonly Bad[] = [
  {
    does: 'prints rubbish',
    body: 'echo hello; exit 0',
    code: 6,
    message: 'Cannot use what plugin "bad" of network "trunk" printed on ADD: not JSON: .*hello',
  },
  {
    does: 'prints half a result',
    body: 'printf \'{"cniVersion":"1.0.0","ips":[{"addr\'; exit 0',
    code: 6,
    message: 'Cannot use what plugin "bad" of network "trunk" printed on ADD: not JSON',
  },
  {
    does: 'succeeds with nothing',
    body: 'exit 0',
    code: 6,
    message: 'Cannot use what plugin "bad" of network "trunk" printed on ADD: not JSON: it is empty',
  },
  {
    does: 'succeeds with an error',
    body: 'echo \'{"code":123,"msg":"no such cable"}\'; exit 0',
    code: 123,
    message: `${OF} ended its ADD with exit code 0 but printed an error: no such cable`,
  },
  {
    does: 'prints a result of a version to come',
    body: 'echo \'{"cniVersion":"9.9.9"}\'; exit 0',
    code: 1,
    message: 'Cannot use what plugin "bad" of network "trunk" printed on ADD: cniVersion is "9.9.9", expected one of',
  },
  {
    does: 'prints something else than a result',
    body: 'echo \'["1.0.0"]\'; exit 0',
    code: 6,
    message: 'Cannot use what plugin "bad" of network "trunk" printed on ADD: result is .*, expected an object',
  },
  {
    does: 'prints an address that is none',
    body: 'echo \'{"cniVersion":"1.0.0","ips":[{"address":"10.9.0.300/24"}]}\'; exit 0',
    code: 6,
    message: 'Cannot use what plugin "bad" of network "trunk" printed on ADD: ips\\[0\\].address is "10.9.0.300/24"',
  },
];

for (const { does, body, code, message } of MISPRINTS) {
  test(`ADD names a plugin that ${does}`, { skip }, async () => {
    plugin('ADD', body);
    const failed = await failureOf(call('ADD'));
    assert.match(failed.msg, new RegExp(`^${message}`));
    assert.equal(failed.code, code, failed.msg);
    assertNothingLeft('after a failed ADD');
  });
}

test('ADD takes a result without interfaces and one of another version, as runtimes do', { skip }, async () => {
  for (const result of ['{"cniVersion":"1.0.0"}', '{"cniVersion":"0.2.0","ip4":{"ip":"10.9.0.5/16"}}', 'null']) {
    plugin('ADD', `echo '${result}'; exit 0`);
    await call('ADD');
    await call('CHECK');
    await call('DEL');
    assertNothingLeft(result);
  }
});

test('ADD lets a plugin be that closes its stdin or does not read it', { skip }, async () => {
  const result = '{"cniVersion":"1.0.0"}';
  writeFileSync(join(dir, 'bin', 'bad'), `#!/bin/sh\nexec 0<&-\n[ $CNI_COMMAND = ADD ] && echo '${result}'\nexit 0\n`, {
    mode: 0o755,
  });
  await call('ADD');
  await call('DEL');
  assertNothingLeft('after DEL');
});

test('CHECK names a plugin that crashes, with its network', { skip }, async () => {
  plugin('CHECK', 'kill -ABRT $$');
  await call('ADD');
  const failed = await failureOf(call('CHECK'));
  assert.match(failed.msg, /^Plugin "bad" of network "trunk" ended its CHECK with signal SIGABRT/);
  plugin('CHECK', 'echo \'{"code":107,"msg":"cable is cut"}\'; exit 1');
  assert.equal((await failureOf(call('CHECK'))).code, 107);
  await call('DEL');
});

test('ADD ends a fork bomb with its plugin', { skip }, async () => {
  const pids = join(dir, 'pids');
  plugin(
    'ADD',
    `while :; do (echo x >>${pids}; sh -c 'echo $$ >>${pids}; exec sleep 1000' & sh -c 'echo $$ >>${pids}; exec sleep 1000' &) ; sleep 0.05; done`,
  );
  const failed = await failureOf(call('ADD'));
  assert.match(failed.msg, /^Plugin "bad" of network "trunk" did not end its ADD/);
  const all = readFileSync(pids, 'utf8')
    .trim()
    .split('\n')
    .filter(line => line !== 'x');
  assert.ok(all.length > 10);
  for (const pid of all) {
    const path = `/proc/${pid}/cmdline`;
    while (existsSync(path) && readFileSync(path, 'utf8') !== '') await new Promise(resolve => setTimeout(resolve, 10));
  }
});

test('ADD names a program that is being written all the time, or is none', { skip }, async () => {
  copyFileSync('/bin/true', join(dir, 'bin', 'bad'));
  const fd = openSync(join(dir, 'bin', 'bad'), 'r+');
  const failed = await failureOf(call('ADD'));
  closeSync(fd);
  assert.match(failed.msg, /^Cannot run plugin ".*\/bad" of network "trunk" for its ADD: .*ETXTBSY/);
  rmSync(join(dir, 'bin', 'bad'));
  writeFileSync(join(dir, 'bin', 'bad'), '\u007fELF but not quite', { mode: 0o755 });
  const broken = await failureOf(call('ADD'));
  assert.match(broken.msg, /of network "trunk"/);
  rmSync(join(dir, 'bin', 'bad'));
  plugin('NONE', 'true');
  await call('DEL');
  assertNothingLeft('after DEL');
});
