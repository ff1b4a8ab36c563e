import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { load } from 'js-yaml';
import type { CniResult } from '#cni';
import type { Facts } from '#facts';
import { formatItem, overlayWiring } from '#wiring';
import type { IpamResult, Plan, Plugin } from './plugin.ts';
import { findPlugin, plugins } from './registry.ts';
import { attachment, host, pod } from './testing.ts';

type Config = Readonly<Record<string, unknown>>;

suite('README.md of a plugin', () => {
  for (const plugin of plugins) {
    test(`${plugin.type}: names exactly the keys that its configuration has`, () => {
      assert.deepEqual(documentedKeys(plugin.type), acceptedKeys(plugin));
    });

    test(`${plugin.type}: takes the device that meta-plugins write into every plugin`, () => {
      const own = { ...ownConfig(plugin.type), deviceID: '0000:03:02.1', pciBusID: '0000:03:02.1' };
      assert.doesNotThrow(() => plugin.parse(own));
    });

    test(`${plugin.type}: shows the commands that do what its synopsis is planned as`, () => {
      const { type } = plugin;
      const commands = `${planOf(type).wiring.map(formatItem).join('\n')}\n`;
      if (process.env['UNDERLANE_UPDATE_GOLDEN'] === '1') {
        writeFileSync(
          pathOf(type),
          readme(type).replace(COMMANDS, (_, before: string) => `${before}${commands}\`\`\``),
        );
      }
      const [, , shown] = COMMANDS.exec(readme(type)) ?? [];
      assert.equal(shown, commands);
    });
  }
});

const COMMANDS = /(^## State in the kernel\n[\s\S]*?^```sh\n)([\s\S]*?)^```/m;

/** The error about an unknown key lists those that there are. */
function acceptedKeys({ type, parse }: Plugin): readonly string[] {
  const unknown = 'aKeyThatNobodyKnows';
  let message = '';
  assert.throws(
    () => parse({ ...ownConfig(type), [unknown]: 1 }),
    (error: Error) => {
      ({ message } = error);
      return message.includes(unknown);
    },
  );
  return (message.split('expected one of ')[1] ?? '').split(', ').sort();
}

/** First column of the table of keys, and what the section names as not supported. */
function documentedKeys(type: string): readonly string[] {
  const [, section = ''] = readme(type).split(/^## Configuration$/m);
  const keys = section.split(/^## /m)[0] ?? '';
  const rows = keys.split('\n').flatMap(line => /^\| `([^`]+)`/.exec(line)?.[1] ?? []);
  const refused = keys.split('\n\n').filter(paragraph => paragraph.startsWith('Not supported yet'));
  const named = refused.flatMap(paragraph => [...paragraph.matchAll(/`([^`]+)`/g)].map(match => match[1] ?? ''));
  // A key inside of an object is written `object.key`.
  return [...new Set([...rows, ...named].map(key => key.split('.')[0] ?? key))].sort();
}

/** The plugins of the synopsis' network. */
function synopsisOf(type: string): readonly Config[] {
  const [, yaml = ''] = /^## Synopsis\n+```yaml\n([\s\S]*?)^```/m.exec(readme(type)) ?? [];
  // `as`: lint reads the same manifest with all care (scripts/docs/manual.test.ts).
  const { spec } = load(yaml) as { spec: { config: string } };
  const config = JSON.parse(spec.config) as Config & { plugins?: readonly Config[] };
  return config.plugins ?? [config];
}

function ownConfig(type: string): Config {
  // The keys of a network stand beside those of its only plugin.
  const { cniVersion: _, ...own } = synopsisOf(type).find(config => config['type'] === type) ?? {};
  assert.equal(own['type'], type);
  return own;
}

/** What the pages say that a pod gets; their networks' IPAM would give it. */
const ADDRESSES: Readonly<Record<string, IpamResult['ips']>> = {
  macvlan: [{ address: '172.18.30.10/24', gateway: '172.18.30.1' }],
  ipvlan: [{ address: '172.18.30.10/24', gateway: '172.18.30.1' }],
  vlan: [{ address: '172.100.0.10/16', gateway: '172.100.0.1' }],
  dummy: [{ address: '192.0.2.10/32' }],
  'host-device': [{ address: '172.100.0.10/16' }],
  sriov: [{ address: '172.100.0.10/16' }],
  bridge: [{ address: '10.244.1.5/24', gateway: '10.244.1.1' }],
  ptp: [{ address: '10.244.1.5/24', gateway: '10.244.1.1' }],
  veth: [{ address: '172.18.0.10/16' }],
};

/** The plan of the plugin itself, behind those of the plugins before it in its synopsis. */
function planOf(type: string): Plan {
  const eth1 = { ifindex: 3, name: 'eth1', mac: '02:42:ac:12:01:02', mtu: 1500, isUp: true, isLoopback: false };
  // A card with a virtual function, for those who want one.
  const vf1 = { ...eth1, ifindex: 4, name: 'eth1v1', mac: '02:42:ac:12:02:02', parentDevice: '0000:03:02.1' };
  const devices = [{ id: '0000:03:02.1', links: ['eth1v1'], vf: { number: 1, pf: '0000:03:00.0', pfLinks: ['eth1'] } }];
  let facts: Facts = { host: { ...host, links: [...host.links, eth1, vf1] }, pod, devices };
  let prevResult: CniResult | undefined;
  for (const raw of synopsisOf(type)) {
    const plugin = findPlugin(String(raw['type']));
    assert.ok(plugin !== undefined);
    const ipam = ipamResult(type, raw);
    const plan = plugin.plan({
      config: plugin.parse(raw),
      attachment,
      ...(ipam === undefined ? {} : { ipam }),
      ...(prevResult === undefined ? {} : { prevResult }),
      facts,
    });
    if (plugin.type === type) return plan;
    facts = overlayWiring(facts, plan.wiring);
    prevResult = plan.result;
  }
  throw new Error(`no "${type}" in its synopsis`);
}

function ipamResult(type: string, { ipam }: Config): IpamResult | undefined {
  if (typeof ipam !== 'object' || ipam === null) return undefined;
  const routes = 'routes' in ipam ? (ipam.routes as IpamResult['routes']) : [];
  return { ips: ADDRESSES[type] ?? [], routes, dns: {} };
}

function readme(type: string): string {
  return readFileSync(pathOf(type), 'utf8');
}

function pathOf(type: string): URL {
  return new URL(`${type}/README.md`, import.meta.url);
}
