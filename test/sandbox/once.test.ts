import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DIST, makeTmp, processesOf, removeTmp, startProgram, startSandbox } from './running-sandbox.ts';
import { eventually } from './web-cluster.ts';

interface Line {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly family: string | null;
    readonly ok: boolean;
    readonly error: string | null;
    readonly skipped?: string;
  }[];
}

const PROMISED = [
  'pod to pod, same node',
  'pod to pod, across nodes',
  'pod to its own node',
  'node to pod: readiness probe',
  'pod to ClusterIP, backend on the same node',
  'pod to ClusterIP, backend on the other node',
  'pod to ClusterIP, backend is the client itself',
  'NodePort from a third host',
  'pod to a third host',
  'net1 to net1, across nodes',
  'address of a SpiderIPPool',
  'Spiderpool pod to ClusterIP',
  'SpiderIPPool counts its addresses',
  'fixed address of a Subnet',
  "address of a workload's own pool",
  'net1 to net1 of a Subnet',
];

test('sandbox --once --json passes every check, prints one line and leaves nothing', async () => {
  const tmp = makeTmp();
  try {
    const linksBefore = links();
    const sandbox = startSandbox(tmp, '--once', '--json');
    const status = await sandbox.ended;
    assert.match(sandbox.stdout(), /^[^\n]+\n$/, sandbox.stderr());
    const line = JSON.parse(sandbox.stdout()) as Line;
    assert.deepEqual(
      line.checks.filter(check => !check.ok),
      [],
      sandbox.stderr(),
    );
    assert.deepEqual([line.ok, status], [true, 0]);
    for (const family of ['IPv4', 'IPv6']) {
      const tried = line.checks.filter(check => check.family === family && check.skipped === undefined);
      for (const name of PROMISED) {
        assert.ok(
          tried.some(check => check.name === name),
          `${name}, ${family}`,
        );
      }
    }
    const count = (family: string): number => line.checks.filter(check => check.family === family).length;
    assert.equal(count('IPv4'), count('IPv6'), 'every row is there for both families');
    for (const check of line.checks)
      assert.deepEqual(
        Object.keys(check)
          .filter(key => key !== 'skipped')
          .sort(),
        ['error', 'family', 'from', 'ms', 'name', 'ok', 'to'],
      );

    // Whoever removes the folder, were we killed, looks every 100 ms whether it is time.
    await eventually(async () => assert.deepEqual(processesOf(tmp), []));
    assert.deepEqual(readdirSync(tmp), []);
    assert.deepEqual(links(), linksBefore);
  } finally {
    removeTmp(tmp);
  }
});

test('--ipv4-only tries every path over IPv4, and says that it tries no other', async () => {
  const tmp = makeTmp();
  try {
    const sandbox = startSandbox(tmp, '--once', '--json', '--ipv4-only');
    const status = await sandbox.ended;
    const line = JSON.parse(sandbox.stdout()) as Line;
    assert.deepEqual(
      line.checks.filter(check => !check.ok),
      [],
      sandbox.stderr(),
    );
    assert.equal(status, 0);
    for (const name of PROMISED)
      assert.ok(
        line.checks.some(check => check.name === name && check.family === 'IPv4'),
        name,
      );
    const ipv6 = line.checks.filter(({ family }) => family === 'IPv6');
    assert.deepEqual(
      ipv6.map(({ name, skipped }) => [name, skipped]),
      [['every path over IPv6', 'asked for by --ipv4-only']],
    );
    assert.match(sandbox.stderr(), /^WARNING: the sandbox has IPv4 only/m);
  } finally {
    removeTmp(tmp);
  }
});

test('an ordinary user gets the same', async context => {
  if (process.getuid?.() !== 0) return context.diagnostic('the test above ran as one');
  const tmp = makeTmp();
  try {
    // The checkout may lie where only root can look; dist runs wherever it is copied.
    spawnSync('cp', ['-a', '--reflink=auto', DIST, tmp]);
    spawnSync('chown', ['-R', '65534:65534', tmp]);
    const user = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const sandbox = startProgram([...user, join(tmp, 'dist/bin/underlane'), 'sandbox', '--once', '--json'], tmp);
    const status = await sandbox.ended;
    const line = JSON.parse(sandbox.stdout()) as Line;
    assert.deepEqual(
      line.checks.filter(check => !check.ok),
      [],
      sandbox.stderr(),
    );
    assert.equal(status, 0);
    assert.deepEqual(readdirSync(tmp), ['dist']);
  } finally {
    removeTmp(tmp);
  }
});

/** The machine's own network, which a sandbox must not change. */
function links(): unknown {
  return JSON.parse(spawnSync('ip', ['-j', 'link'], { encoding: 'utf8' }).stdout).map(
    (link: { ifname: string }) => link.ifname,
  );
}
