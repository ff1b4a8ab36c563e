import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ForeignContainer, foreignEntry } from './foreign-entry.ts';

const delegate = (name: string, config: unknown) => ({ name, config: JSON.stringify(config), capabilityArgs: {} });

const container: ForeignContainer = {
  containerId: 'c1',
  cachePath: '/var/lib/cni/multus/c1',
  delegates: [
    delegate('primary', { cniVersion: '0.3.1', name: 'primary', type: 'ptp' }),
    delegate('ns/lan', { cniVersion: '0.3.1', name: 'lan', type: 'macvlan' }),
  ],
  results: [],
};

test('foreignEntry() goes under the name by which the runtime will ask for it, also when that network cannot be undone', () => {
  const whole = foreignEntry(container, assert.fail);
  assert.deepEqual(whole?.key, { containerId: 'c1', ifname: 'eth0', plugin: 'underlane', network: '' });
  const problems: string[] = [];
  const [, lan] = container.delegates ?? [];
  const broken = [{ ...delegate('primary', {}), config: '{' }, ...(lan === undefined ? [] : [lan])];
  const rest = foreignEntry({ ...container, delegates: broken }, problem => problems.push(problem));
  assert.equal(rest?.key.ifname, 'eth0');
  assert.deepEqual(
    rest?.attachments.map(({ ifname }) => ifname),
    ['net1'],
  );
  assert.match(problems.join(), /^Interface "eth0" of container "c1" will not be undone: /);
});
