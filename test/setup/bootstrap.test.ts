/** Set-up as a fresh clone meets it, with an npm, a build and a program that only leave traces. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';

const NPM = `
const { appendFileSync, mkdirSync, symlinkSync } = require('node:fs');
appendFileSync('traces', 'npm ' + process.argv.slice(2).join(' ') + '\\n');
console.log('noise of npm');
const bin = 'node_modules/node-linux-' + process.arch + '/bin';
mkdirSync(bin, { recursive: true });
try { symlinkSync(process.execPath, bin + '/node'); } catch {}
`;

const BUILD = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync('traces', 'build\\n');
console.log('noise of the build');
mkdirSync('dist/bin', { recursive: true });
writeFileSync('dist/bin/underlane', '#!/bin/sh\\nexec ./program "$@"\\n', { mode: 0o755 });
`;

suite('scripts/bootstrap.mjs', () => {
  let dir = '';
  const path = (name: string): string => join(dir, name);

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'underlane setup-'));
    mkdirSync(path('scripts'));
    mkdirSync(path('src'));
    mkdirSync(path('fake-bin'));
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(file, path(file));
    for (const name of ['bootstrap.mjs', 'bootstrap'])
      cpSync(join('scripts', name), path(`scripts/${name}`), { recursive: true });
    mkdirSync(path('npm'));
    writeFileSync(path('npm/package.json'), '{ "type": "commonjs" }');
    writeFileSync(path('npm/npm-cli.js'), NPM);
    writeFileSync(path('scripts/build.ts'), BUILD);
    writeFileSync(path('src/a.ts'), '1');
    program('echo "ran with $*"');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function program(script: string): void {
    writeFileSync(path('program'), `#!/bin/sh\n${script}\n`);
    chmodSync(path('program'), 0o755);
  }

  const environment = (): NodeJS.ProcessEnv => ({
    PATH: `${path('fake-bin')}:/usr/bin:/bin`,
    npm_execpath: path('npm/npm-cli.js'),
  });

  function bootstrap(args: readonly string[], wrapper: readonly string[] = []) {
    const [first = '', ...rest] = [...wrapper, process.execPath, path('scripts/bootstrap.mjs'), ...args];
    const { status, stdout, stderr } = spawnSync(first, rest, { cwd: '/', env: environment(), encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  function start(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [path('scripts/bootstrap.mjs'), ...args], {
      cwd: '/',
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async function firstOutput(child: ChildProcess): Promise<void> {
    if (child.stdout === null) return;
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => assert.fail('it ended too early'))]);
  }

  function traces(): readonly string[] {
    try {
      return readFileSync(path('traces'), 'utf8').trimEnd().split('\n');
    } catch {
      return [];
    } finally {
      rmSync(path('traces'), { force: true });
    }
  }

  test('the first start installs, builds and runs, and stdout holds nothing but what the program prints', () => {
    const { status, stdout } = bootstrap(['start', '--once', '--json', 'a b']);
    assert.equal(stdout, 'ran with sandbox --once --json a b\n');
    assert.equal(status, 0);
    assert.deepEqual(traces(), ['npm ci --loglevel=error', 'build']);
  });

  test('the second start only runs, and says nothing', () => {
    bootstrap(['start']);
    traces();
    const { stdout, stderr } = bootstrap(['start']);
    assert.deepEqual([stdout, stderr, traces()], ['ran with sandbox\n', '', []]);
  });

  test('a changed source is built, a changed test is not, a changed lock file is installed', () => {
    bootstrap(['build']);
    traces();
    writeFileSync(path('src/a.test.ts'), '1');
    bootstrap(['build']);
    assert.deepEqual(traces(), []);
    writeFileSync(path('src/a.ts'), '2');
    bootstrap(['build']);
    assert.deepEqual(traces(), ['build']);
    appendFileSync(path('package-lock.json'), '\n');
    bootstrap(['build']);
    assert.deepEqual(traces(), ['npm ci --loglevel=error', 'build']);
  });

  test('a set-up that failed is done again, and nothing runs meanwhile', () => {
    writeFileSync(path('scripts/build.ts'), 'console.log("no good"); process.exitCode = 3;');
    const failed = bootstrap(['start']);
    assert.deepEqual([failed.status, failed.stdout], [1, '']);
    assert.match(failed.stderr, /no good[\s\S]*exit code 3/);
    writeFileSync(path('scripts/build.ts'), BUILD);
    assert.equal(bootstrap(['start']).stdout, 'ran with sandbox\n');
  });

  test('two starts at once install and build once', async () => {
    const both = [start(['start']), start(['start'])];
    const codes = await Promise.all(both.map(async child => (await once(child, 'exit'))[0]));
    assert.deepEqual(codes, [0, 0]);
    assert.deepEqual(traces(), ['npm ci --loglevel=error', 'build']);
  });

  test("the program's exit code is ours", () => {
    program('exit 7');
    assert.equal(bootstrap(['start']).status, 7);
  });

  test('an unknown job is a usage error that lists the known ones', () => {
    const { status, stderr } = bootstrap(['strat']);
    assert.equal(status, 2);
    assert.match(stderr, /Unknown job "strat": expected one of start, test, bench, soak, build/);
  });

  test('SIGTERM reaches the program, whose exit code is kept', async () => {
    bootstrap(['build']);
    program('trap "exit 9" TERM; echo up; while :; do sleep 0.1; done');
    const child = start(['start']);
    await firstOutput(child);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [9, null]);
  });

  test('kill -9 of ours ends the program', async () => {
    bootstrap(['build']);
    program('trap "echo told > told; exit" TERM; echo up; while :; do sleep 0.1; done');
    const child = start(['start']);
    await firstOutput(child);
    child.kill('SIGKILL');
    // The program holds stdout open until it ends.
    await once(child, 'close');
    assert.equal(readFileSync(path('told'), 'utf8'), 'told\n');
  });

  test("kill -9 of npm ends the program, although npm's shell lives on", async () => {
    bootstrap(['build']);
    program('trap "echo told > told; exit" TERM; echo up; while :; do sleep 0.1; done');
    const shell = `"${process.execPath}" "${path('scripts/bootstrap.mjs')}" start; :`;
    const npm = spawn('sh', ['-c', 'sh -c "$0"; :', shell], {
      cwd: '/',
      env: { ...environment(), npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await firstOutput(npm);
    npm.kill('SIGKILL');
    await once(npm, 'close');
    assert.equal(readFileSync(path('told'), 'utf8'), 'told\n');
  });

  suite('without nft', () => {
    /** In namespaces where nft is hidden, and with an apt-get that leaves a trace. */
    function withoutNft(...inner: readonly string[]): readonly string[] {
      const script = 'for nft in /usr/sbin/nft /sbin/nft; do mount --bind /dev/null $nft; done; exec "$@"';
      return ['unshare', '-Ur', '-m', 'sh', '-c', script, 'sh', ...inner];
    }

    function aptGet(exitCode: number): void {
      writeFileSync(path('fake-bin/apt-get'), `#!/bin/sh\necho "apt-get $*" >>"${path('traces')}"\nexit ${exitCode}\n`);
      chmodSync(path('fake-bin/apt-get'), 0o755);
    }

    test('root has it installed; failing that, one line names the package', () => {
      bootstrap(['build']);
      traces();
      aptGet(1);
      const { status, stderr } = bootstrap(['start'], withoutNft());
      assert.equal(status, 1);
      assert.match(stderr, /Missing Debian packages, as root run: apt-get install nftables/);
      assert.ok(traces().includes('apt-get install -y --no-install-recommends nftables'));
    });

    test('anybody else is told the package in one line, before anything is installed', () => {
      aptGet(0);
      const asNobody = ['unshare', '-U', '--map-user=1000'];
      const { status, stderr } = bootstrap(['start'], withoutNft(...asNobody));
      assert.equal(status, 1);
      assert.equal(stderr, 'underlane: Missing Debian packages, as root run: apt-get install nftables\n');
      assert.deepEqual(traces(), []);
    });

    test('a build needs none of the tools', () => {
      assert.equal(bootstrap(['build'], withoutNft()).status, 0);
    });
  });
});
