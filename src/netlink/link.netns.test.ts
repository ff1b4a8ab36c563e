import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { createLink, createVeth } from './create-link.ts';
import { deleteLink, deleteLinks, findIfindex, findLink, findLinkByIndex, listLinks, setLink } from './link.ts';
import type { RouteSocket } from './route-socket.ts';
import { type IpObject, type TestNamespace, withNamespaces } from './testing.ts';

const options = skipUnlessRing2();

/** Looks up a link that the test has made. */
function indexOf(socket: RouteSocket, name: string): number {
  const ifindex = findLink(socket, name)?.ifindex;
  assert.ok(ifindex !== undefined, `link ${name}`);
  return ifindex;
}

function witness(here: TestNamespace, name: string): IpObject {
  const found = here.ipJson('link show').find(link => link['ifname'] === name);
  assert.ok(found !== undefined, `ip knows no ${name}`);
  return found;
}

function isUp(link: IpObject): boolean {
  return Array.isArray(link['flags']) && link['flags'].includes('UP');
}

describe('listLinks()', options, () => {
  test('tells what ip tells', () =>
    withNamespaces((here, there) => {
      here.ip('link set lo up');
      here.ip('link add br0 address 02:00:00:00:00:01 up type bridge');
      here.ip('link add port0 mtu 1400 master br0 type veth peer name far0');
      here.ip('link add mac0 link far0 type macvlan mode vepa');
      here.ip('link set mac0 alias blue');
      createVeth(here.socket, { name: 'out0', peer: { name: 'in0', ns: there.ns } });
      const expected = here.ipJson('link show').map(link => {
        const info = link['linkinfo'] as { info_kind?: string; info_data?: { mode?: string } } | undefined;
        const indexNamed = (name: unknown) =>
          here.ipJson('link show').find(other => other['ifname'] === name)?.['ifindex'];
        return compact({
          ifindex: link['ifindex'],
          name: link['ifname'],
          kind: info?.info_kind,
          mac: link['address'],
          mtu: link['mtu'],
          isUp: isUp(link),
          isLoopback: link['link_type'] === 'loopback',
          linkIfindex: link['link_index'] ?? indexNamed(link['link']),
          linkNetnsid: link['link_netnsid'],
          masterIfindex: indexNamed(link['master']),
          macvlanMode: info?.info_kind === 'macvlan' ? info.info_data?.mode : undefined,
          alias: link['ifalias'],
        });
      });
      assert.equal(expected.length, 6);
      assert.deepEqual(listLinks(here.socket), expected);
    }));

  test('tells of 300 links, each once', () =>
    withNamespaces(here => {
      // Pairs: a namespace with that many bridges takes the kernel seconds to remove.
      for (let index = 0; index < 150; index++)
        createVeth(here.socket, { name: `a${index}`, peer: { name: `b${index}` } });
      const names = listLinks(here.socket).map(link => link.name);
      assert.equal(names.length, 301);
      assert.equal(new Set(names).size, 301);
    }));
});

describe('findLink()', options, () => {
  test('finds by name and by index what listLinks() lists, and nothing else', () =>
    withNamespaces(here => {
      here.ip('link add br0 type bridge');
      const listed = listLinks(here.socket).find(link => link.name === 'br0');
      assert.deepEqual(findLink(here.socket, 'br0'), listed);
      assert.deepEqual(findLinkByIndex(here.socket, listed?.ifindex ?? 0), listed);
      assert.equal(findLink(here.socket, 'br1'), undefined);
      assert.equal(findIfindex(here.socket, 'br0'), listed?.ifindex);
      assert.equal(findIfindex(here.socket, 'br1'), undefined);
      assert.equal(findLinkByIndex(here.socket, 4711), undefined);
      assert.throws(() => findLink(here.socket, 'a-name-of-16-byt'), { code: 'ERANGE' });
    }));
});

describe('createVeth()', options, () => {
  test('makes both ends, each in its namespace under its final name, MAC and MTU', () =>
    withNamespaces((here, there) => {
      here.ip('link add br0 type bridge');
      there.ip('link add taken0 type bridge');
      createVeth(here.socket, {
        name: 'taken0',
        mac: '02:00:00:00:00:0a',
        mtu: 1400,
        isUp: true,
        masterIfindex: indexOf(here.socket, 'br0'),
        peer: { name: 'veth0', mac: '02:00:00:00:00:0b', mtu: 1300, ns: there.ns },
      });
      const host = witness(here, 'taken0');
      const pod = witness(there, 'veth0');
      assert.deepEqual(
        [host['address'], host['mtu'], host['master'], isUp(host)],
        ['02:00:00:00:00:0a', 1400, 'br0', true],
      );
      assert.deepEqual([pod['address'], pod['mtu'], isUp(pod)], ['02:00:00:00:00:0b', 1300, false]);
      assert.equal(host['link_index'], pod['ifindex']);
      assert.equal(pod['link_index'], host['ifindex']);
    }));

  test('makes nothing when the name of either end is taken', () =>
    withNamespaces((here, there) => {
      there.ip('link add veth0 type bridge');
      const make = (name: string, peer: string) => () =>
        createVeth(here.socket, { name, peer: { name: peer, ns: there.ns } });
      assert.throws(make('host0', 'veth0'), { code: 'EEXIST' });
      assert.throws(make('lo', 'veth1'), {
        code: 'EEXIST',
        message: /^Cannot create veth "lo" with peer "veth1": EEXIST/,
      });
      assert.deepEqual(
        listLinks(here.socket).map(link => link.name),
        ['lo'],
      );
      assert.deepEqual(
        listLinks(there.socket).map(link => link.name),
        ['lo', 'veth0'],
      );
    }));
});

describe('createLink() of a macvlan', options, () => {
  test('is born in its namespace as eth0 while the parent is an eth0 too, with every field', () =>
    withNamespaces((pod, node) => {
      node.ip('link add eth0 up type veth peer name lan0');
      createLink(node.socket, {
        name: 'eth0',
        parentIfindex: indexOf(node.socket, 'eth0'),
        birthplace: { ns: pod.ns, ifindex: 4711 },
        mac: '02:00:00:00:00:09',
        mtu: 1400,
        isUp: true,
        data: { kind: 'macvlan', mode: 'bridge', bcQueueLen: 2000 },
      });
      const link = witness(pod, 'eth0');
      assert.deepEqual([link['address'], link['mtu'], isUp(link)], ['02:00:00:00:00:09', 1400, true]);
      assert.deepEqual(link['linkinfo'], {
        info_kind: 'macvlan',
        info_data: { mode: 'bridge', bcqueuelen: 2000, usedbcqueuelen: 2000 },
      });
      assert.deepEqual([link['ifindex'], link['link_index']], [4711, indexOf(node.socket, 'eth0')]);
      assert.deepEqual(
        node.ipJson('link show').map(each => each['ifname']),
        ['lo', 'lan0', 'eth0'],
      );
    }));

  test('works in one namespace, in every mode, and a second time between the same two', () =>
    withNamespaces((here, there) => {
      here.ip('link add eth0 up type veth peer name lan0');
      const parentIfindex = indexOf(here.socket, 'eth0');
      for (const [index, mode] of (['private', 'vepa', 'bridge'] as const).entries()) {
        createLink(here.socket, { name: `m-${mode}`, parentIfindex, data: { kind: 'macvlan', mode } });
        assert.equal(findLink(here.socket, `m-${mode}`)?.macvlanMode, mode);
        createLink(here.socket, {
          name: `m-${mode}`,
          parentIfindex,
          birthplace: { ns: there.ns, ifindex: 4711 + index },
          data: { kind: 'macvlan', mode },
        });
        assert.deepEqual(
          there.ipJson('link show').find(link => link['ifname'] === `m-${mode}`)?.['link_index'],
          parentIfindex,
        );
      }
    }));

  test('says what is wrong: name taken, no parent, parent in use', () =>
    withNamespaces((pod, node) => {
      node.ip('link add eth0 up type veth peer name lan0');
      node.ip('link add br0 type bridge');
      node.ip('link set lan0 master br0');
      const make = (name: string, parentIfindex: number) => () =>
        createLink(node.socket, {
          name,
          parentIfindex,
          birthplace: { ns: pod.ns, ifindex: 4711 },
          data: { kind: 'macvlan', mode: 'bridge' },
        });
      assert.throws(make('lo', indexOf(node.socket, 'eth0')), {
        code: 'EEXIST',
        message: /^Cannot create macvlan "lo": EEXIST/,
      });
      assert.throws(make('net1', 5000), { code: 'ENODEV' });
      assert.throws(make('net1', indexOf(node.socket, 'lan0')), { code: 'EBUSY', retriable: true });
      assert.throws(make('a/b', indexOf(node.socket, 'eth0')), { code: 'EINVAL' });
      assert.deepEqual(
        listLinks(pod.socket).map(link => link.name),
        ['lo'],
      );
    }));
});

describe('createLink() of a bridge', options, () => {
  test('makes a bridge with MAC and MTU, up', () =>
    withNamespaces(here => {
      createLink(here.socket, {
        name: 'br0',
        mac: '02:00:00:00:00:05',
        mtu: 1400,
        isUp: true,
        data: { kind: 'bridge' },
      });
      const link = witness(here, 'br0');
      assert.deepEqual([link['address'], link['mtu'], isUp(link)], ['02:00:00:00:00:05', 1400, true]);
      assert.equal((link['linkinfo'] as IpObject)['info_kind'], 'bridge');
      assert.throws(() => createLink(here.socket, { name: 'br0', data: { kind: 'bridge' } }), {
        code: 'EEXIST',
        message: 'Cannot create bridge "br0": EEXIST',
      });
    }));
});

describe('setLink()', options, () => {
  test('changes what is given and leaves the rest', () =>
    withNamespaces(here => {
      here.ip('link add br0 type bridge');
      here.ip('link add a0 address 02:00:00:00:00:01 type veth peer name b0');
      const ifindex = indexOf(here.socket, 'a0');
      setLink(here.socket, ifindex, { masterIfindex: indexOf(here.socket, 'br0'), mtu: 1400 });
      assert.deepEqual(fields(witness(here, 'a0')), ['02:00:00:00:00:01', 1400, 'br0', false]);
      setLink(here.socket, ifindex, { isUp: true, mac: '02:00:00:00:00:02' });
      assert.deepEqual(fields(witness(here, 'a0')), ['02:00:00:00:00:02', 1400, 'br0', true]);
      setLink(here.socket, ifindex, { masterIfindex: 0 });
      assert.deepEqual(fields(witness(here, 'a0')), ['02:00:00:00:00:02', 1400, undefined, true]);
      setLink(here.socket, ifindex, { isUp: false, name: 'c0' });
      assert.deepEqual(fields(witness(here, 'c0')), ['02:00:00:00:00:02', 1400, undefined, false]);
    }));

  test('says which link is not there', () =>
    withNamespaces(here => {
      assert.throws(() => setLink(here.socket, 4711, { isUp: true }), {
        code: 'ENODEV',
        message: /^Cannot change link 4711: ENODEV/,
      });
    }));

  test('is refused to an ordinary user', () => {
    // A user namespace of its own has no say over this network namespace.
    const program = `
      import { createLink, openRouteSocket } from ${JSON.stringify(new URL('./mod.ts', import.meta.url).href)};
      using socket = openRouteSocket();
      try { createLink(socket, { name: 'br9', data: { kind: 'bridge' } }); } catch (error) { console.log(error.code, error.message); }`;
    const output = execFileSync('unshare', ['-U', process.execPath, '--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    assert.equal(output, 'EPERM Cannot create bridge "br9": EPERM\n');
  });
});

function fields(link: IpObject): unknown[] {
  return [link['address'], link['mtu'], link['master'], isUp(link)];
}

describe('deleteLink()', options, () => {
  test('takes both ends of a veth away before it resolves', () =>
    withNamespaces(async (here, there) => {
      createVeth(here.socket, { name: 'a0', peer: { name: 'b0', ns: there.ns } });
      await deleteLink(here.socket, indexOf(here.socket, 'a0'));
      assert.deepEqual(
        here.ipJson('link show').map(link => link['ifname']),
        ['lo'],
      );
      assert.deepEqual(
        there.ipJson('link show').map(link => link['ifname']),
        ['lo'],
      );
    }));

  test('rejects with ENODEV for a link that is not there', () =>
    withNamespaces(async here => {
      await assert.rejects(deleteLink(here.socket, 4711), {
        code: 'ENODEV',
        message: /^Cannot delete link 4711: ENODEV/,
      });
      await assert.rejects(deleteLink(here.socket, 1), { code: 'EOPNOTSUPP' });
    }));
});

describe('deleteLinks()', options, () => {
  test('takes those links away that it is told to, and passes over one that is gone', () =>
    withNamespaces(async (here, there) => {
      createVeth(here.socket, { name: 'a0', peer: { name: 'b0', ns: there.ns } });
      for (const name of ['br0', 'br1', 'br2']) createLink(here.socket, { name, data: { kind: 'bridge' } });
      here.ip('link set br2 group 7');
      await deleteLinks(here.socket, [...['a0', 'br0', 'br1'].map(name => indexOf(here.socket, name)), 4711]);
      const left = here.ipJson('link show').map(link => [link['ifname'], link['group']]);
      assert.deepEqual(left, [
        ['lo', 'default'],
        ['br2', '7'],
      ]);
      assert.deepEqual(
        there.ipJson('link show').map(link => link['ifname']),
        ['lo'],
      );
      await deleteLinks(here.socket, [4711]);
      await deleteLinks(here.socket, []);
    }));

  test('takes none away when one of them cannot be', () =>
    withNamespaces(async here => {
      createLink(here.socket, { name: 'br0', data: { kind: 'bridge' } });
      await assert.rejects(deleteLinks(here.socket, [indexOf(here.socket, 'br0'), 1]), {
        code: 'EOPNOTSUPP',
        message: /^Cannot delete link \d+, 1: EOPNOTSUPP/,
      });
      assert.equal(here.ipJson('link show').length, 2);
    }));
});

function compact(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
