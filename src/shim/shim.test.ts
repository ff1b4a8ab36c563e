import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { systemClock } from '#base';
import { SUPPORTED_VERSIONS } from '#cni';
import {
  decodeRequest,
  ENV_LIMIT,
  encodeReply,
  encodeRequest,
  listSpool,
  REPLY_LIMIT,
  readSpooled,
  STDIN_LIMIT,
} from '#wire';
import type { Vectors } from '../wire/vectors.ts';
import { listen, sendSlowly, startFakeAgent } from './fake-agent.ts';
import { buildShimVariants, newShimDir, runShimIn, type ShimRun } from './shim-variants.ts';

const root = mkdtempSync(join(tmpdir(), 'underlane-shim-'));
after(() => rmSync(root, { recursive: true }));

// Written by us, in the shape that Vectors gives.
const vectors = JSON.parse(readFileSync(new URL('../wire/vectors.json', import.meta.url), 'utf8')) as Vectors;
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const nothing = new Uint8Array(0);
const success = encodeReply({ exitCode: 0, stdout: 'ok' });
/** A relative path, so that it is the same in every test's own folder and in the vectors. */
const SOCKET = 'UNDERLANE_SOCKET=agent.sock';

function envOf(command: string, ...more: readonly string[]): readonly string[] {
  return [
    `CNI_COMMAND=${command}`,
    'CNI_CONTAINERID=c1',
    'CNI_IFNAME=eth0',
    SOCKET,
    'UNDERLANE_STATE_DIR=state',
    ...more,
  ];
}

function assertError(run: ShimRun, code: number, message: RegExp): void {
  assert.equal(run.exitCode, 1, run.stderr);
  const error: unknown = JSON.parse(run.stdout.toString('utf8'));
  assert.ok(typeof error === 'object' && error !== null && 'code' in error && 'msg' in error && 'cniVersion' in error);
  assert.equal(error.code, code, String(error.msg));
  assert.match(String(error.msg), message);
}

/** Some wait for 5 s, as a DEL does, and do nothing meanwhile. */
const CONCURRENCY = 4;

describe('shim', { concurrency: true }, () => {
  for (const variant of buildShimVariants(root)) {
    const options = { concurrency: CONCURRENCY, ...(variant.missing !== undefined && { skip: variant.missing }) };
    describe(`(${variant.name})`, options, () => {
      const newDir = (plugin = 'macvlan'): string => newShimDir(root, variant, plugin);

      for (const vector of vectors.requests) {
        test(`sends ${vector.name}, without what is not the agent's business`, async () => {
          const dir = newDir(vector.plugin);
          await using agent = await startFakeAgent(join(dir, 'agent.sock'), connection => connection.end(success));
          const env = vector.env.map(entry => latin1(entry).toString('utf8'));
          const run = await runShimIn(dir, vector.plugin, ['HOME=/secret', ...env, 'MY_CNI_X=1'], latin1(vector.stdin));
          assert.equal(run.exitCode, 0, run.stderr);
          const [request = nothing] = agent.requests;
          // A shell starts the twin, and a shell may reorder variables.
          if (variant.name !== 'twin') assert.deepEqual(request, latin1(vector.frame));
          assert.equal(request.length, vector.frame.length);
          assert.deepEqual(decodeRequest(request), decodeRequest(latin1(vector.frame)));
        });
      }

      for (const vector of vectors.replies) {
        test(`prints ${vector.name} and exits with its code`, async () => {
          const dir = newDir();
          await using _agent = await startFakeAgent(join(dir, 'agent.sock'), connection =>
            connection.end(latin1(vector.frame)),
          );
          const run = await runShimIn(dir, 'macvlan', envOf('ADD'), nothing);
          assert.deepEqual([run.exitCode, run.stdout], [vector.exitCode, latin1(vector.stdout)]);
        });

        test(`prints ${vector.name} that comes byte by byte`, async () => {
          const dir = newDir();
          await using _agent = await startFakeAgent(join(dir, 'agent.sock'), connection => {
            void sendSlowly(connection, latin1(vector.frame));
          });
          const run = await runShimIn(dir, 'macvlan', envOf('ADD'), nothing);
          assert.deepEqual([run.exitCode, run.stdout], [vector.exitCode, latin1(vector.stdout)]);
        });
      }

      for (const vector of vectors.badReplies) {
        test(`prints a CNI error for a reply that is ${vector.name}`, async () => {
          const dir = newDir();
          await using _agent = await startFakeAgent(join(dir, 'agent.sock'), connection =>
            connection.end(latin1(vector.frame)),
          );
          const run = await runShimIn(dir, 'macvlan', envOf('ADD'), nothing);
          const isCut = vector.code === 'WIRE_TRUNCATED';
          assertError(run, isCut ? 11 : 5, isCut ? /before its reply was complete/ : /./);
        });
      }

      test('takes environment, stdin and reply up to their limits', async () => {
        const dir = newDir();
        const stdin = Buffer.alloc(STDIN_LIMIT, 'x\0');
        const stdout = Buffer.alloc(REPLY_LIMIT, 'y\0\n');
        const env = envOf('ADD');
        const filler = `CNI_ARGS=${'x'.repeat(ENV_LIMIT - env.join('\0').length - 10)}`;
        await using agent = await startFakeAgent(join(dir, 'agent.sock'), connection =>
          connection.end(encodeReply({ exitCode: 0, stdout })),
        );
        const run = await runShimIn(dir, 'macvlan', [...env, filler], stdin);
        assert.ok(run.stdout.equals(stdout));
        const [request = nothing] = agent.requests;
        assert.ok(Buffer.from(decodeRequest(request).stdin).equals(stdin));
        assertError(await runShimIn(dir, 'macvlan', [...env, `${filler}x`], stdin), 4, /^Environment .* 65536/);
        assert.equal(agent.connections, 1);
      });

      test('refuses a stdin over its limit', async () => {
        const dir = newDir();
        await using agent = await startFakeAgent(join(dir, 'agent.sock'), connection => connection.end(success));
        const run = await runShimIn(dir, 'macvlan', envOf('ADD'), Buffer.alloc(STDIN_LIMIT + 1));
        assertError(run, 7, /^Network configuration on stdin .* 1048576/);
        assert.equal(agent.connections, 0);
      });

      test('says try again later when the agent is killed in the middle of a request', async () => {
        const dir = newDir();
        const script = `require('net').createServer(c => c.on('data', () => { c.write('UL1 0 5\\nhal', () => process.kill(process.pid, 'SIGKILL')) })).listen('agent.sock', () => console.log('ready'))`;
        const agent = spawn(process.execPath, ['-e', script], { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] });
        await new Promise(resolve => agent.stdout.once('data', resolve));
        assertError(await runShimIn(dir, 'macvlan', envOf('DEL'), nothing), 11, /before its reply was complete/);
        assert.ok(!existsSync(join(dir, 'state')));
      });

      test('gives an agent up that does not answer', async () => {
        const dir = newDir();
        await using _agent = await startFakeAgent(join(dir, 'agent.sock'), () => {});
        const env = envOf('ADD', 'UNDERLANE_REPLY_WAIT_SECONDS=1');
        assertError(await runShimIn(dir, 'macvlan', env, nothing), 11, /did not answer in time/);
      });

      test('answers VERSION itself', async () => {
        const run = await runShimIn(newDir(), 'macvlan', ['CNI_COMMAND=VERSION'], nothing);
        assert.equal(run.exitCode, 0);
        assert.deepEqual(JSON.parse(run.stdout.toString()), {
          cniVersion: SUPPORTED_VERSIONS.at(-1),
          supportedVersions: SUPPORTED_VERSIONS,
        });
      });

      test('lets its caller write the whole configuration, although it needs none of it', async () => {
        const dir = newDir();
        const tooLong = `CNI_ARGS=${'x'.repeat(ENV_LIMIT)}`;
        const version = await runShimIn(dir, 'macvlan', ['CNI_COMMAND=VERSION'], Buffer.alloc(STDIN_LIMIT));
        assert.deepEqual([version.exitCode, version.stdinProblem], [0, undefined]);
        const longEnv = await runShimIn(dir, 'macvlan', envOf('ADD', tooLong), Buffer.alloc(STDIN_LIMIT));
        assertError(longEnv, 4, /^Environment /);
        assert.equal(longEnv.stdinProblem, undefined);
        const longStdin = await runShimIn(dir, 'macvlan', envOf('ADD'), Buffer.alloc(4 * STDIN_LIMIT));
        assertError(longStdin, 7, /^Network configuration on stdin /);
        assert.equal(longStdin.stdinProblem, undefined);
      });

      test('ends after VERSION although its caller leaves stdin open', async () => {
        const program = join(newDir(), 'bin', 'macvlan');
        const child = spawn(program, [], { env: { CNI_COMMAND: 'VERSION' }, stdio: ['pipe', 'ignore', 'inherit'] });
        const [exitCode] = await once(child, 'exit');
        child.stdin.destroy();
        assert.equal(exitCode, 0);
      });

      test('explains itself on stderr when no command is set', async () => {
        for (const env of [[], ['CNI_COMMAND=']]) {
          const run = await runShimIn(newDir('veth'), 'veth', env, nothing);
          assert.deepEqual([run.exitCode, run.stdout.length], [0, 0]);
          assert.match(
            run.stderr,
            /"veth" of Underlane.*\n.*versions supported: 0\.1\.0, 0\.2\.0, 0\.3\.0, 0\.3\.1, 0\.4\.0, 1\.0\.0, 1\.1\.0\n$/,
          );
        }
      });

      test('has its number for each command when the agent is down', async () => {
        const dir = newDir();
        for (const command of ['ADD', 'CHECK', 'GC']) {
          assertError(
            await runShimIn(dir, 'macvlan', envOf(command), nothing),
            11,
            /^Cannot reach the agent at "agent\.sock": .*ENOENT/,
          );
        }
        assertError(await runShimIn(dir, 'macvlan', envOf('STATUS'), nothing), 50, /^Cannot reach the agent/);
        await (await startFakeAgent(join(dir, 'agent.sock'), () => {}))[Symbol.asyncDispose]();
        writeFileSync(join(dir, 'agent.sock'), '');
        assertError(await runShimIn(dir, 'macvlan', envOf('ADD'), nothing), 11, /it is no socket/);
      });

      test('says so when nobody listens on the socket any more', async () => {
        const dir = newDir();
        const script = `require('net').createServer().listen('agent.sock', () => process.kill(process.pid, 'SIGKILL'))`;
        const agent = spawn(process.execPath, ['-e', script], { cwd: dir, stdio: 'inherit' });
        await new Promise(resolve => agent.once('exit', resolve));
        assertError(await runShimIn(dir, 'macvlan', envOf('ADD'), nothing), 11, /ECONNREFUSED/);
      });

      test('says so when the path is too long for a socket, in clean JSON whatever the path holds', async () => {
        const path = `./"\\\n\u0001ü/${'x'.repeat(120)}`;
        const run = await runShimIn(newDir(), 'macvlan', ['CNI_COMMAND=ADD', `UNDERLANE_SOCKET=${path}`], nothing);
        assertError(run, 11, /path is too long for a socket/);
        assert.ok(String(JSON.parse(run.stdout.toString()).msg).includes(path), run.stdout.toString());
      });

      test('refuses a socket of another user', async t => {
        const dir = newDir();
        await using agent = await startFakeAgent(join(dir, 'agent.sock'), connection => connection.end(success));
        try {
          chownSync(join(dir, 'agent.sock'), 65533, 65533);
        } catch {
          return t.skip('needs root to give a socket to another user');
        }
        assertError(
          await runShimIn(dir, 'macvlan', envOf('ADD'), nothing),
          11,
          /^Cannot trust the agent at "agent\.sock": .*another user/,
        );
        assert.equal(agent.connections, 0);
      });

      test('keeps a DEL on disk while the agent is down', async () => {
        const dir = newDir();
        const stdin = latin1('{"a":"\0"}');
        const run = await runShimIn(dir, 'macvlan', ['HOME=/secret', ...envOf('DEL')], stdin);
        assert.deepEqual([run.exitCode, run.stdout.length, run.stderr], [0, 0, '']);
        const [path = '', ...others] = await listSpool(join(dir, 'state', 'del-spool'));
        assert.deepEqual(others, []);
        assert.match(path, /\/c1-eth0-\d+-\d{19}\.req$/);
        assert.equal(statSync(path).mode & 0o777, 0o600);
        assert.equal(statSync(join(dir, 'state')).mode & 0o777, 0o700);
        const env = Object.fromEntries(envOf('DEL').map(entry => entry.split('=')));
        const request = { plugin: 'macvlan', env, stdin: new Uint8Array(stdin) };
        assert.deepEqual(await readSpooled(path), request);
        assert.equal(readFileSync(path).length, encodeRequest(request).length);
      });

      test('spools into its folder only, whatever the variables hold', async () => {
        const dir = newDir();
        const env = [
          'CNI_COMMAND=DEL',
          'CNI_CONTAINERID=../../x y',
          `CNI_IFNAME=${'/'.repeat(300)}`,
          SOCKET,
          'UNDERLANE_STATE_DIR=state',
        ];
        assert.equal((await runShimIn(dir, 'macvlan', env, nothing)).exitCode, 0);
        assert.deepEqual(readdirSync(dir).sort(), ['bin', 'state']);
        const [file = '', ...others] = readdirSync(join(dir, 'state', 'del-spool'));
        assert.deepEqual(others, []);
        assert.match(file, /^\.\._\.\._x_y-_{80}-\d+-\d+\.req$/);
      });

      test('fails a DEL that it can neither deliver nor keep', async () => {
        const dir = newDir();
        writeFileSync(join(dir, 'state'), 'no folder');
        assertError(
          await runShimIn(dir, 'macvlan', envOf('DEL'), nothing),
          11,
          /^Agent is down and the DEL cannot be spooled to "state\/del-spool/,
        );
      });

      test('waits with a DEL for an agent that is starting', async () => {
        const dir = newDir();
        const running = runShimIn(dir, 'macvlan', envOf('DEL'), nothing);
        await systemClock.sleep(700);
        await using agent = await startFakeAgent(join(dir, 'agent.sock'), connection => connection.end(success));
        const run = await running;
        assert.deepEqual([run.exitCode, run.stdout.toString()], [0, 'ok']);
        assert.equal(agent.requests.length, 1);
        assert.ok(!existsSync(join(dir, 'state')));
      });

      if (variant.name !== 'twin') {
        // Node throws away what it has not read yet once a write fails; the real agent reads every request to its end.
        test('prints the answer of an agent that did not read the whole request', async () => {
          const dir = newDir();
          const refusal = encodeReply({ exitCode: 1, stdout: '{"code":7}' });
          const server = createServer(connection => {
            connection.on('error', () => {});
            connection.write(refusal, () => connection.destroy());
          });
          await listen(server, join(dir, 'agent.sock'));
          const run = await runShimIn(dir, 'macvlan', envOf('ADD'), Buffer.alloc(STDIN_LIMIT));
          server.close();
          assert.deepEqual([run.exitCode, run.stdout.toString()], [1, '{"code":7}']);
        });

        test('is a small program that needs no library', () => {
          const path = join(newDir(), 'bin', 'macvlan');
          assert.ok(statSync(path).size <= 64 * 1024);
          assert.ok(!readFileSync(path).includes('ld-linux') && !readFileSync(path).includes('ld-musl'));
        });
      }
    });
  }
});
