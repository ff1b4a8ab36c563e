import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseRequest } from '#cni';
import { createNamespace, deleteNamespace } from '#netns';
import { skipUnlessKind } from '../../netlink/testing.ts';
import { skipUnlessRing2 } from '../../netns/testing.ts';
import { startTestAttacher } from '../testing.ts';

/** What an ipvlan is sent before it has an address goes to its master. */
const { skip } = skipUnlessKind(skipUnlessRing2(), 'ipvlan');

function ip(command: string): string {
  return execFileSync('ip', command.split(' '), { encoding: 'utf8' });
}

test('an ipvlan is asked for by its master, and not at all where it routes', { skip }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-ipvlan-'));
  for (const name of ['bin', 'conf']) mkdirSync(join(dir, name));
  const neighbour = '/run/netns/ipvlan-neighbour';
  createNamespace(neighbour)[Symbol.dispose]();
  ip('link add up0 type veth peer name up1 netns ipvlan-neighbour');
  ip('link set up0 up');
  ip('-n ipvlan-neighbour link set up1 up');
  ip('-n ipvlan-neighbour addr add 10.9.0.2/24 dev up1');
  ip('-n ipvlan-neighbour addr add fd00:9::2/64 dev up1 nodad');
  await using node = await startTestAttacher(dir, { detect: { conflict: true, gateway: false } });
  const pods: string[] = [];
  const add = (name: string, mode: string, address: string): Promise<string> => {
    const netns = `/run/netns/ipvlan-${name}`;
    createNamespace(netns)[Symbol.dispose]();
    pods.push(netns);
    const config = { master: 'up0', mode, ipam: { type: 'static', addresses: [{ address }] } };
    const request = parseRequest({
      plugin: 'ipvlan',
      stdin: JSON.stringify({ cniVersion: '1.0.0', name: 'lan', type: 'ipvlan', ...config }),
      env: { CNI_COMMAND: 'ADD', CNI_CONTAINERID: name, CNI_IFNAME: 'eth0', CNI_NETNS: netns, CNI_PATH: dir },
    });
    return node.attacher.handle(request, { signal: new AbortController().signal });
  };
  try {
    await assert.rejects(add('four', 'l2', '10.9.0.2/24'), { code: 'ADDRESS_CONFLICT' });
    await assert.rejects(add('six', 'l2', 'fd00:9::2/64'), { code: 'ADDRESS_CONFLICT' });
    await add('free', 'l2', '10.9.0.3/24');
    assert.match(ip('-n ipvlan-free addr show eth0'), /inet 10\.9\.0\.3\/24/);
    await add('routed', 'l3', '10.9.0.2/24');
  } finally {
    ip('link del up0');
    for (const path of [...pods, neighbour]) deleteNamespace(path);
    rmSync(dir, { recursive: true, force: true });
  }
});
