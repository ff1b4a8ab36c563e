/** dist/ runs wherever it is copied, with an empty environment: it must need nothing of this checkout or of the machine. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';

const PLUGINS = [
  'bridge',
  'dummy',
  'host-device',
  'host-local',
  'ipvlan',
  'loopback',
  'macvlan',
  'multus',
  'multus-shim',
  'passthru',
  'ptp',
  'spiderpool',
  'sriov',
  'static',
  'underlane',
  'veth',
  'vlan',
  'whereabouts',
];
const SHIM_LIMIT_BYTES = 64 * 1024;

suite('a copied dist', () => {
  let folder = '';
  let dist = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'underlane-dist-'));
    // A blank in the path finds every missing quote.
    dist = join(folder, 'some where', 'else');
    cpSync('dist', dist, { recursive: true });
    symlinkSync(join(dist, 'bin/underlane'), join(folder, 'link'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function run(program: string, args: readonly string[], env: Record<string, string> = {}): string {
    const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return execFileSync('env', ['-i', ...words, program, ...args], {
      cwd: '/',
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  test('underlane version tells the version of package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const printed = JSON.parse(run(join(dist, 'bin/underlane'), ['version', '-o', 'json']));
    assert.equal(printed.version, version);
    assert.equal(printed.build, JSON.parse(readFileSync('dist/share/build.json', 'utf8')).build);
  });

  test('underlane runs through a symbolic link in another folder', () => {
    assert.match(run(join(folder, 'link'), ['version']), /^underlane \d/);
  });

  test('underlane --help ends with 0 and shows an example', () => {
    assert.match(run(join(dist, 'bin/underlane'), ['--help']), /underlane sandbox/);
  });

  test('koffi loads its binary from beside the bundle', () => {
    const source = `import koffi from ${JSON.stringify(join(dist, 'lib/node_modules/koffi/index.js'))}; console.log(koffi.load(null).func('int getpid()')() === process.pid);`;
    assert.equal(run(join(dist, 'bin/node'), ['--input-type=module', '-e', source]).trim(), 'true');
  });

  test('cni/ holds exactly the plugins, all of them one file', () => {
    const names = readdirSync(join('dist', 'cni')).sort();
    assert.deepEqual(names, PLUGINS);
    const inodes = new Set(names.map(name => statSync(join('dist', 'cni', name)).ino));
    assert.equal(inodes.size, 1);
  });

  for (const name of PLUGINS) {
    test(`cni/${name} answers VERSION without an agent`, () => {
      const reply = run(join(dist, 'cni', name), [], { CNI_COMMAND: 'VERSION' });
      assert.ok(JSON.parse(reply).supportedVersions.includes('1.0.0'));
    });
  }

  test('nothing in it names the checkout that it was built in', () => {
    const files = [
      'bin/underlane',
      'share/build.json',
      ...readdirSync(join(dist, 'lib'))
        .filter(name => name.endsWith('.mjs'))
        .map(name => join('lib', name)),
    ];
    const telling = files.filter(file => readFileSync(join(dist, file), 'utf8').includes(process.cwd()));
    assert.deepEqual(telling, []);
  });
});

test('the compiled CNI program is small and needs no loader', context => {
  if (JSON.parse(readFileSync('dist/share/build.json', 'utf8')).shim === 'js')
    return context.skip('no C compiler when dist/ was built');
  const binary = readFileSync('dist/cni/underlane');
  assert.ok(binary.length <= SHIM_LIMIT_BYTES, `${binary.length} bytes`);
  assert.ok(!binary.includes('/lib64/ld-linux') && !binary.includes('/lib/ld-'), 'it names a dynamic loader');
});
