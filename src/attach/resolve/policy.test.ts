import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AttachmentPolicy, AttachmentPolicySpec } from '#api';
import { parseNetworkConfig } from '#cni';
import { requireAllowed } from './policy.ts';

function policy(name: string, spec: Partial<AttachmentPolicySpec>): AttachmentPolicy {
  return { metadata: { name }, spec: { namespaces: ['tenant-*'], types: [], masters: [], ...spec } };
}

const tenants = policy('tenants', { types: ['macvlan', 'bridge', 'tuning'], masters: ['eth1', 'bond0.*', 'br-*'] });

function check(
  plugins: readonly object[],
  policies: readonly AttachmentPolicy[],
  namespace = 'tenant-a',
  deviceId?: string,
): void {
  const raw = { cniVersion: '1.0.0', name: 'x', plugins };
  requireAllowed(
    {
      namespace,
      source: `NetworkAttachmentDefinition "${namespace}/x"`,
      config: parseNetworkConfig(raw, { source: 'x' }),
      ...(deviceId === undefined ? {} : { deviceId }),
    },
    policies,
  );
}

describe('requireAllowed()', () => {
  it('allows everything where no policy is about the namespace', () => {
    check([{ type: 'evil', master: 'eth0' }], []);
    check([{ type: 'evil', master: 'eth0' }], [tenants], 'ops');
    check([{ type: 'evil', master: 'eth0' }], [tenants], 'my-tenant-a');
  });
  it('allows what any policy about the namespace allows', () => {
    check([{ type: 'macvlan', master: 'eth1' }, { type: 'tuning' }], [tenants]);
    check([{ type: 'macvlan', master: 'bond0.120' }], [tenants]);
    const more = policy('more', { types: ['ipvlan'], masters: ['*'] });
    check([{ type: 'ipvlan', master: 'eth0' }], [tenants, more]);
    check([{ type: 'ipvlan' }], [tenants, more]);
  });
  it('looks at ipam plugins that would be executed, and at no other', () => {
    check([{ type: 'macvlan', master: 'eth1', ipam: { type: 'whereabouts', range: '10.0.0.0/24' } }], [tenants]);
    assert.throws(
      () => check([{ type: 'macvlan', master: 'eth1', ipam: { type: 'dhcp' } }], [tenants]),
      /ipam.type is "dhcp"/,
    );
  });
  it('leaves a parent inside the pod alone', () => {
    check([{ type: 'macvlan', master: 'net1', linkInContainer: true }], [tenants]);
  });

  it('looks at a device that the pod asks for itself, where a plugin would get it', () => {
    const tuning = { type: 'tuning', capabilities: { deviceID: true } };
    assert.throws(
      () => check([tuning], [tenants], 'tenant-a', '0000:01:00.0'),
      /deviceID of the pod's annotation is "0000:01:00.0", expected/,
    );
    check([{ ...tuning, capabilities: {} }], [tenants], 'tenant-a', '0000:01:00.0');
    check([tuning], [policy('all', { types: ['*'], masters: ['0000:01:*'] })], 'tenant-a', '0000:01:00.0');
    check([tuning], [tenants], 'ops', '0000:01:00.0');
  });

  const refused: readonly (readonly [plugin: object, message: string])[] = [
    [{ type: 'host-device', device: 'eth1' }, 'plugins[0].type is "host-device"'],
    [{ type: 'macvlan', master: 'eth0' }, 'plugins[0].master is "eth0"'],
    [{ type: 'macvlan', master: 'eth10' }, 'plugins[0].master is "eth10"'],
    [{ type: 'macvlan' }, `plugins[0].master is "(the default route's)"`],
    [{ type: 'bridge' }, 'plugins[0].bridge is "cni0"'],
    [{ type: 'macvlan', master: 'eth1', pciBusID: '0000:01:00.0' }, 'plugins[0].pciBusID is "0000:01:00.0"'],
    [{ type: 'tuning', Master: 'eth0' }, 'plugins[0].Master is "eth0"'],
    [{ type: 'tuning', ipam: { type: 'static', TYPE: 'dhcp' } }, 'plugins[0].ipam.type is "dhcp"'],
    [{ type: 'tuning', master: 'eth0', linkInContainer: true }, 'plugins[0].master is "eth0"'],
    [
      { type: 'macvlan', master: 'net1', linkInContainer: true, pciBusID: '0000:01:00.0' },
      'plugins[0].pciBusID is "0000:01:00.0"',
    ],
    [
      { type: 'tuning', runtimeConfig: { deviceID: '0000:01:00.0' } },
      'plugins[0].runtimeConfig.deviceID is "0000:01:00.0"',
    ],
    [{ type: 'macvlan', master: ['eth1'], device: { x: 1 } }, 'plugins[0].master is "["eth1"]"'],
  ];
  for (const [plugin, message] of refused) {
    it(`refuses ${JSON.stringify(plugin)}`, () => {
      assert.throws(
        () => check([plugin], [tenants]),
        (error: Error) => {
          assert.ok(
            error.message.startsWith(`Cannot use NetworkAttachmentDefinition "tenant-a/x": ${message}, expected`),
            error.message,
          );
          assert.match(error.message, /AttachmentPolicy "tenants" allows namespace "tenant-a": /);
          return true;
        },
      );
    });
  }
  it('matches * as any text, like a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(text, pattern, (master, allowed) => {
        fc.pre(master !== '');
        const expression = allowed
          .split('*')
          .map(part => part.replaceAll('.', '\\.'))
          .join('.*');
        const isAllowed = new RegExp(`^${expression}$`).test(master);
        const attempt = () =>
          check([{ type: 'macvlan', master }], [policy('p', { types: ['macvlan'], masters: [allowed] })]);
        if (isAllowed) attempt();
        else assert.throws(attempt, { code: 'POLICY' });
      }),
      { numRuns: 2000 },
    );
  });
});
