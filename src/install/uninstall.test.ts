import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { systemClock } from '#base';
import { CONF_NAME } from './conf-file.ts';
import { readRecord, writeRecord } from './install-record.ts';
import { install } from './put-on-node.ts';
import { makeNode, networkText, PRIMARY, PROGRAM, type TestNode, textOf } from './testing.ts';
import { type Installed, uninstall as uninstallAt } from './uninstall.ts';

/** What an installation or a removal may have come to when it was cut off, each as a change of a whole installation. */
const STATES: Readonly<Record<string, (node: TestNode) => void>> = {
  'a whole installation': () => undefined,
  'nothing at all': node => wipe(node),
  'only the record': node => {
    const record = readRecord(node.installation.stateDir);
    wipe(node);
    if (record !== undefined) writeRecord(node.installation.stateDir, record);
  },
  'half a program': node => {
    rmSync(node.conf(CONF_NAME));
    rmSync(program(node));
    writeFileSync(`${program(node)}.underlane-tmp`, PROGRAM.subarray(0, 5));
  },
  'the program alone': node => rmSync(node.conf(CONF_NAME)),
  'half a configuration': node => {
    rmSync(node.conf(CONF_NAME));
    writeFileSync(`${node.conf(CONF_NAME)}.tmp`, '{"cniVersion"');
  },
  'a configuration that Cilium has renamed': node =>
    renameSync(node.conf(CONF_NAME), `${node.conf(CONF_NAME)}.cilium_bak`),
  'a renamed configuration and a new one': node => {
    writeFileSync(`${node.conf(CONF_NAME)}.cilium_bak`, textOf(node.conf(CONF_NAME)) ?? '');
  },
  'no record': node => rmSync(node.installation.stateDir, { recursive: true }),
  'a record of garbage': node => writeFileSync(join(node.installation.stateDir, 'install.json'), 'garbage'),
  'a record without its last bytes': node => {
    const path = join(node.installation.stateDir, 'install.json');
    writeFileSync(path, (textOf(path) ?? '').slice(0, -4));
  },
  'a removal that ended after the configuration': node => {
    const record = readRecord(node.installation.stateDir);
    if (record !== undefined) writeRecord(node.installation.stateDir, { ...record, state: 'removing' });
    rmSync(node.conf(CONF_NAME));
  },
  'no directories': node => {
    const { confDir, binDir } = node.installation;
    for (const dir of [confDir, binDir]) rmSync(dir, { recursive: true });
  },
};

/** Without the pause for an agent, of which there is none. */
const uninstall = (installed: Installed) => uninstallAt(installed, { ...systemClock, sleep: async () => undefined });

function program({ installation }: TestNode): string {
  return join(installation.binDir, 'underlane');
}

function wipe(node: TestNode): void {
  rmSync(node.conf(CONF_NAME));
  rmSync(program(node));
  rmSync(node.installation.stateDir, { recursive: true });
}

suite('uninstall()', () => {
  for (const [state, make] of Object.entries(STATES)) {
    test(`restores a node that has ${state}, and can be repeated`, async () => {
      using node = makeNode();
      await install(node.installation);
      make(node);
      await uninstall(node.installation);
      const { confDir, binDir, stateDir } = node.installation;
      for (const dir of [confDir, binDir]) mkdirSync(dir, { recursive: true });
      assert.deepEqual(node.added(), []);
      assert.deepEqual(existsSync(stateDir) ? readdirSync(stateDir) : [], []);
      assert.deepEqual(await uninstall(node.installation), ['There is nothing of Underlane on this node']);
    });
  }

  test('leaves files of others, and what others have renamed, and says which have our names', async () => {
    using node = makeNode();
    await install(node.installation);
    writeFileSync(program(node), 'somebody else');
    writeFileSync(node.conf(CONF_NAME), networkText('mine'));
    const said = await uninstall(node.installation);
    assert.deepEqual(said, [
      `Left "${node.conf(CONF_NAME)}" as it is: it is not ours`,
      `Left "${program(node)}" as it is: it is not ours`,
    ]);
    assert.equal(textOf(program(node)), 'somebody else');
    assert.equal(textOf(node.conf('05-other.conf.cilium_bak')), networkText('other'));
    assert.equal(textOf(node.conf(PRIMARY)), networkText('k8s-pod-network'));
  });

  test('finds by its record what was installed elsewhere than where it is told to look', async () => {
    using node = makeNode();
    using other = makeNode();
    await install(node.installation);
    await uninstall({ ...other.installation, stateDir: node.installation.stateDir });
    assert.deepEqual(node.added(), []);
  });
});

suite('install()', () => {
  test('can be repeated, and then writes nothing', async () => {
    using node = makeNode();
    const said = await install(node.installation);
    assert.match(said.join('\n'), /calls it, with the network of "10-calico\.conflist" as the default one$/);
    assert.deepEqual(await install(node.installation), said);
    assert.deepEqual(node.added(), [CONF_NAME, 'underlane']);
  });
  test('takes more names where nobody has them, and gives them back', async () => {
    using node = makeNode();
    const said = await install({ ...node.installation, names: ['calico', 'whereabouts'] });
    assert.match(said[0] ?? '', /^Cannot install ".*calico": another program has that name/);
    assert.deepEqual(node.added(), [CONF_NAME, 'underlane', 'whereabouts']);
    await uninstall(node.installation);
    assert.deepEqual(node.added(), []);
    assert.equal(textOf(join(node.installation.binDir, 'calico')), 'somebody else');
  });
  test('takes away what an agent has put back meanwhile', async () => {
    using node = makeNode();
    await install(node.installation);
    const record = readRecord(node.installation.stateDir);
    const text = textOf(node.conf(CONF_NAME)) ?? '';
    const sleep = async (): Promise<void> => {
      writeFileSync(node.conf(CONF_NAME), text);
      if (record !== undefined) writeRecord(node.installation.stateDir, record);
    };
    await uninstallAt(node.installation, { ...systemClock, sleep });
    assert.deepEqual(node.added(), []);
    assert.equal(readRecord(node.installation.stateDir), undefined);
  });
  test('replaces an older program of ours', async () => {
    using node = makeNode();
    await install(node.installation);
    const newer = Buffer.concat([PROGRAM, Buffer.from('newer')]);
    await install({ ...node.installation, program: newer });
    assert.equal(textOf(program(node)), newer.toString());
    assert.deepEqual(node.added(), [CONF_NAME, 'underlane']);
  });
  test('moves to another directory, and leaves nothing in the former one', async () => {
    using node = makeNode();
    using other = makeNode();
    await install(node.installation);
    const { confDir } = other.installation;
    await install({ ...node.installation, confDir });
    assert.deepEqual(node.added(), ['underlane']);
    assert.deepEqual(other.added(), [CONF_NAME]);
    await uninstall(node.installation);
    assert.deepEqual([...node.added(), ...other.added()], []);
  });
  test('without a primary network puts no configuration there', async () => {
    using node = makeNode();
    rmSync(node.conf(PRIMARY));
    await assert.rejects(install(node.installation), { code: 'NO_PRIMARY' });
    assert.deepEqual(node.added(), ['underlane']);
  });
});
