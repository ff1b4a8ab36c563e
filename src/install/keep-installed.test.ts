import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type Clock, silentLog, systemClock } from '#base';
import { CONF_NAME } from './conf-file.ts';
import { type InstallReport, keepInstalled } from './keep-installed.ts';
import type { Installation } from './put-on-node.ts';
import { makeNode, networkText, PRIMARY, type TestNode, textOf } from './testing.ts';
import { uninstall } from './uninstall.ts';

/** Time passes 20 times as fast. */
const clock: Clock = {
  now: () => Date.now() * 20,
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};

interface Keeper extends AsyncDisposable {
  readonly node: TestNode;
  readonly reports: readonly InstallReport[];
  readonly own: string;
  /** Resolves when something is true after a look at the directory. */
  until(what: string, isTrue: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

function start(node: TestNode, more: Partial<Installation> = {}): Keeper {
  const ending = new AbortController();
  const reports: InstallReport[] = [];
  const { done } = keepInstalled({
    installation: { ...node.installation, ...more },
    onReport: report => reports.push(report),
    clock,
    log: silentLog,
    signal: ending.signal,
  });
  const stop = async (): Promise<void> => {
    ending.abort();
    await done;
  };
  return {
    node,
    reports,
    own: node.conf(CONF_NAME),
    async until(what, isTrue) {
      const end = Date.now() + 20_000;
      while (!isTrue()) {
        assert.ok(Date.now() < end, `${what}; reports: ${JSON.stringify(reports)}`);
        await systemClock.sleep(5);
      }
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      node[Symbol.dispose]();
    },
  };
}

async function installed(more: Partial<Installation> = {}): Promise<Keeper> {
  const keeper = start(makeNode(), more);
  await keeper.until('it is installed', () => existsSync(keeper.own));
  return keeper;
}

const default_ = (keeper: Keeper): string | undefined =>
  /"clusterNetwork": ".*\/(.*)"/.exec(textOf(keeper.own) ?? '')?.[1];
const kinds = (keeper: Keeper): readonly string[] => keeper.reports.map(({ kind }) => kind);

suite('keepInstalled()', { concurrency: 4, timeout: 120_000 }, () => {
  test('puts program and configuration in place, for root alone to read', async () => {
    await using keeper = await installed();
    assert.deepEqual(keeper.node.added(), [CONF_NAME, 'underlane']);
    assert.equal(statSync(keeper.own).mode & 0o777, 0o600);
    assert.equal(statSync(join(keeper.node.installation.binDir, 'underlane')).mode & 0o777, 0o755);
    assert.equal(default_(keeper), PRIMARY);
    await keeper.until('it is told', () => kinds(keeper).includes('installed'));
  });

  test('picks up a primary network that appears later, and a directory too', async () => {
    const node = makeNode();
    rmSync(node.installation.confDir, { recursive: true });
    await using keeper = start(node);
    await keeper.until('it says so', () => kinds(keeper).includes('primary-unusable') || keeper.reports.length === 0);
    mkdirSync(node.installation.confDir);
    writeFileSync(node.conf('20-late.conf.tmp'), networkText('late'));
    renameSync(node.conf('20-late.conf.tmp'), node.conf('20-late.conf'));
    await keeper.until('it is installed', () => default_(keeper) === '20-late.conf');
  });

  test('regenerates after a change of the primary network, by whatever way it is written', async () => {
    await using keeper = await installed();
    const write = (capability: string): string =>
      networkText('k8s-pod-network', { capabilities: { [capability]: true } });
    writeFileSync(keeper.node.conf(PRIMARY), write('bandwidth'));
    await keeper.until('it is written in place', () => textOf(keeper.own)?.includes('bandwidth') === true);
    writeFileSync(keeper.node.conf(`${PRIMARY}~`), write('portMappings'));
    renameSync(keeper.node.conf(`${PRIMARY}~`), keeper.node.conf(PRIMARY));
    await keeper.until('it is renamed over', () => textOf(keeper.own)?.includes('portMappings') === true);
    rmSync(keeper.node.conf(PRIMARY));
    writeFileSync(keeper.node.conf(PRIMARY), write('ips'));
    await keeper.until('it is replaced non-atomically', () => textOf(keeper.own)?.includes('"ips"') === true);
    assert.deepEqual(
      kinds(keeper).filter(kind => kind === 'lost' || kind === 'restored' || kind === 'failed'),
      [],
    );
  });

  test('keeps the last good configuration while the primary network is half written', async () => {
    await using keeper = await installed();
    writeFileSync(keeper.node.conf('20-later.conf'), networkText('later'));
    const before = textOf(keeper.own);
    for (const half of ['', '{', networkText('k8s-pod-network').slice(0, -3)]) {
      writeFileSync(keeper.node.conf(PRIMARY), half);
      await keeper.until('it is noticed', () =>
        keeper.reports.some(({ kind, message }) => kind === 'primary-unusable' && message.includes(PRIMARY)),
      );
      await clock.sleep(1_000);
      assert.equal(textOf(keeper.own), before);
    }
    writeFileSync(keeper.node.conf(PRIMARY), networkText('k8s-pod-network', { capabilities: { mac: true } }));
    await keeper.until('it is whole again', () => textOf(keeper.own)?.includes('mac') === true);
    await keeper.until('it is told', () => keeper.reports.at(-1)?.kind === 'in-place');
  });

  test('takes an earlier primary network that appears, and the next when it is gone for good', async () => {
    await using keeper = await installed();
    writeFileSync(keeper.node.conf('05-cilium.conflist'), networkText('cilium'));
    await keeper.until('the earlier one is taken', () => default_(keeper) === '05-cilium.conflist');
    renameSync(keeper.node.conf('05-cilium.conflist'), keeper.node.conf('05-cilium.conflist.off'));
    await clock.sleep(2_000);
    assert.equal(default_(keeper), '05-cilium.conflist', 'it may come back');
    await keeper.until('the next one is taken', () => default_(keeper) === PRIMARY);
    assert.equal(keeper.reports.at(-1)?.kind, 'primary-changed');
  });

  test('says who renamed the configuration away, and puts it back, ever slower', async () => {
    await using keeper = await installed();
    const before = textOf(keeper.own);
    const times: number[] = [];
    for (let time = 0; time < 4; time++) {
      renameSync(keeper.own, `${keeper.own}.cilium_bak`);
      const started = clock.now();
      await keeper.until('it is back', () => existsSync(keeper.own));
      times.push(clock.now() - started);
    }
    assert.equal(textOf(keeper.own), before);
    await keeper.until('it is told', () => keeper.reports.at(-1)?.kind === 'restored');
    const lost = keeper.reports.filter(({ kind }) => kind === 'lost');
    assert.equal(lost.length, 4);
    assert.match(
      lost[0]?.message ?? '',
      /^Somebody has renamed ".*0-underlane\.conflist" to "0-underlane\.conflist\.cilium_bak" \(Cilium .*cni\.exclusive/,
    );
    // 1 s and 2 s after the restore before; the node's own pace may only add to that.
    assert.ok((times[3] ?? 0) > 2_000, times.join(', '));
  });

  test('puts back what somebody has changed or emptied', async () => {
    await using keeper = await installed();
    const before = textOf(keeper.own);
    for (const text of ['', '{}', networkText('mine')]) {
      writeFileSync(keeper.own, text);
      await keeper.until('it is as before', () => textOf(keeper.own) === before);
    }
    assert.match(keeper.reports.find(({ kind }) => kind === 'lost')?.message ?? '', /^Somebody has changed/);
  });

  test('says at its start that the configuration was taken away meanwhile', async () => {
    const keeper = await installed();
    await keeper.stop();
    rmSync(keeper.own);
    await using next = start(keeper.node);
    await next.until('it is back', () => existsSync(next.own));
    await next.until('it is told', () => kinds(next).includes('restored'));
    assert.deepEqual(kinds(next), ['lost', 'restored']);
  });

  test('says at its start that the configuration is there, also when it has to be written anew', async () => {
    const keeper = await installed();
    await keeper.stop();
    writeFileSync(keeper.node.conf(PRIMARY), networkText('k8s-pod-network', { capabilities: { mac: true } }));
    await using next = start(keeper.node);
    await next.until('it is written', () => textOf(next.own)?.includes('mac') === true);
    await next.until('it is told', () => next.reports.length > 0);
    assert.deepEqual(kinds(next), ['in-place']);
  });

  test('says why it cannot write the configuration, accuses nobody, and writes it as soon as it can', async () => {
    const node = makeNode();
    const obstacle = node.conf(`${CONF_NAME}.tmp`);
    mkdirSync(obstacle);
    await using keeper = start(node);
    await keeper.until('it is told', () => kinds(keeper).includes('failed'));
    assert.match(keeper.reports[0]?.message ?? '', /^Cannot change ".*0-underlane\.conflist": .*EISDIR/);
    writeFileSync(node.conf('99-poke.conf'), networkText('poke'));
    await clock.sleep(12_000);
    assert.deepEqual(kinds(keeper), ['failed']);
    rmSync(obstacle, { recursive: true });
    await keeper.until('it is told', () => kinds(keeper).includes('installed'));
    assert.deepEqual(kinds(keeper), ['failed', 'installed']);
    assert.equal(default_(keeper), PRIMARY);
  });

  test('says once which settings of Multus hold no longer', async () => {
    const node = makeNode();
    const multus = { cniVersion: '0.3.1', name: 'm', type: 'multus', clusterNetwork: 'x', namespaceIsolation: true };
    writeFileSync(node.conf('00-multus.conf'), JSON.stringify(multus));
    await using keeper = start(node);
    await keeper.until('it is told', () => kinds(keeper).includes('passed-over'));
    writeFileSync(node.conf('99-poke.conf'), networkText('poke'));
    await clock.sleep(5_000);
    assert.deepEqual(kinds(keeper), ['installed', 'passed-over']);
    assert.match(
      keeper.reports[1]?.message ?? '',
      /00-multus\.conf" has namespaceIsolation: that holds for no new pod/,
    );
  });

  test('puts the program back', async () => {
    await using keeper = await installed();
    const program = join(keeper.node.installation.binDir, 'underlane');
    rmSync(program);
    await keeper.until('it is back', () => existsSync(program));
  });

  test('leaves everything in place when it ends', async () => {
    const keeper = await installed();
    await keeper.stop();
    assert.deepEqual(keeper.node.added(), [CONF_NAME, 'underlane']);
    keeper.node[Symbol.dispose]();
  });

  test('lets go once uninstalled', async () => {
    await using keeper = await installed();
    await uninstall(keeper.node.installation, clock);
    await keeper.until('it is told', () => kinds(keeper).includes('uninstalled'));
    writeFileSync(keeper.node.conf('20-later.conf'), networkText('later'));
    await clock.sleep(15_000);
    assert.equal(existsSync(keeper.own), false);
    assert.deepEqual(keeper.node.added(), ['20-later.conf']);
  });

  test("replaces no program of somebody else's, and sends no pod to it", async () => {
    const node = makeNode();
    const program = join(node.installation.binDir, 'underlane');
    writeFileSync(program, 'somebody else');
    await using keeper = start(node);
    await keeper.until('it is told', () => kinds(keeper).includes('failed'));
    assert.match(keeper.reports[0]?.message ?? '', /another program has that name/);
    assert.equal(textOf(program), 'somebody else');
    assert.equal(existsSync(keeper.own), false);
    rmSync(program);
    await keeper.until('it is installed', () => existsSync(keeper.own));
  });

  test('finds and follows a primary network that is kept out of the sight of the runtime', async () => {
    const node = makeNode();
    const primaryDir = join(node.installation.stateDir, '..', 'primary');
    await using keeper = start(node, { primaryDir });
    await clock.sleep(1_000);
    assert.equal(existsSync(keeper.own), false);
    mkdirSync(primaryDir);
    writeFileSync(join(primaryDir, '20-hidden.conf'), networkText('hidden'));
    await keeper.until('it is installed', () => default_(keeper) === '20-hidden.conf');
    assert.match(textOf(keeper.own) ?? '', /"clusterNetwork": ".*\/primary\/20-hidden\.conf"/);
    writeFileSync(join(primaryDir, '20-hidden.conf'), networkText('hidden', { capabilities: { mac: true } }));
    await keeper.until('it is followed', () => textOf(keeper.own)?.includes('mac') === true);
  });

  test('stands in front of a network that the operator has named', async () => {
    const node = makeNode();
    writeFileSync(node.conf('99-named.conflist'), networkText('named', { capabilities: { mac: true } }));
    await using keeper = start(node, { clusterNetwork: node.conf('99-named.conflist') });
    await keeper.until('it is installed', () => default_(keeper) === '99-named.conflist');
    assert.match(textOf(keeper.own) ?? '', /"mac": true/);
  });
});
