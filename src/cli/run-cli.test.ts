import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function underlane(...args: readonly string[]): Outcome {
  const main = join(import.meta.dirname, 'main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('--help shows commands and examples and exits 0', () => {
  const { status, stdout, stderr } = underlane('--help');
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /Examples:\n {2}underlane sandbox /);
  assert.match(stdout, /agent \[options\]/);
});

test('wrong usage exits 2 and says what is wrong on stderr', () => {
  for (const args of [
    ['bogus'],
    ['sandbox', '--bogus'],
    ['agent'],
    ['agent', '--node-name', 'n1', '--health-address', '9100'],
    ['agent', '--node-name', 'n1', '--health-address', '127.0.0.1:99999'],
    ['sandbox', 'exec', 'pod'],
    ['version', '-o', 'xml'],
    ['sandbox-bogus'],
    ['lint'],
    ['migrate'],
    ['migrate', '--from', 'calico'],
    ['migrate', '--from', 'whereabouts', '--cluster-network', 'x'],
    ['controller', '--fence-seconds', '0'],
    ['controller', '--cluster-network', 'default'],
    ['lint', '-o', 'xml', 'x'],
    ['capabilities', '-o', 'xml'],
  ]) {
    const { status, stdout, stderr } = underlane(...args);
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /^error: /, args.join(' '));
  }
});

test('version -o json prints one object', () => {
  const { status, stdout } = underlane('version', '-o', 'json');
  assert.equal(status, 0);
  assert.deepEqual(Object.keys(JSON.parse(stdout) as object), ['version', 'build', 'node']);
});

test('lint exits 0 on what is clean, 1 on what is not, 2 on what cannot be read', () => {
  const clean = underlane('lint', 'examples/macvlan-standalone.yaml');
  assert.deepEqual([clean.status, clean.stderr], [0, '']);
  assert.match(clean.stdout, /^examples\/.+\.yaml:10: .+: scope "default", pool 172\.18\.0\.0-16: /);
  const bad = underlane('lint', '-o', 'json', 'src/attach/lint/testdata/bad.yaml');
  assert.deepEqual([bad.status, bad.stderr], [1, '']);
  assert.match(bad.stdout, /^\{"files":\[\{"file":"src\/.+\}\]\}\n$/);
  const missing = underlane('lint', 'examples/macvlan-standalone.yaml', 'nope.yaml');
  assert.deepEqual([missing.status, missing.stdout], [2, '']);
  assert.match(missing.stderr, /^error: Cannot read "nope\.yaml": ENOENT/);
});

test('an agent that cannot start says which directory or address it cannot use, and why', () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-cli-'));
  try {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    const start = (flags: Readonly<Record<string, string>>): string => {
      const all = { 'node-name': 'n1', 'state-dir': join(dir, 's'), socket: join(dir, 'r/agent.sock'), ...flags };
      const { status, stderr } = underlane(
        'agent',
        ...Object.entries(all).flatMap(([key, value]) => [`--${key}`, value]),
      );
      assert.equal(status, 1, stderr);
      return (JSON.parse(stderr) as { error: string }).error;
    };
    const inFile = join(file, 'x');
    assert.match(start({ 'state-dir': inFile }), /^Cannot make the directory of state ".*\/file\/x": ENOTDIR/);
    assert.match(
      start({ socket: join(inFile, 'a') }),
      /^Cannot make the directory of socket ".*\/file\/x\/a": ENOTDIR/,
    );
    const long = join(dir, 'x'.repeat(120), 'a.sock');
    assert.match(start({ socket: long }), /^Cannot listen on ".*\/x+\/health\.sock": .*EINVAL/);
    assert.match(
      start({ 'health-address': '192.0.2.1:9100' }),
      /^Cannot listen on "192\.0\.2\.1:9100": .*EADDRNOTAVAIL/,
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a failed command exits 1 with one sentence', () => {
  const { status, stdout, stderr } = underlane('sandbox', 'exec', '--sandbox', 'nope', 'pod', '--', 'true');
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^underlane: Cannot find sandbox "nope": .+\n$/);
});
