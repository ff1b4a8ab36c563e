import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WishContext } from '../../wishes/wishes.ts';
import { podWith, subnetOf, wishesOf } from './testing.ts';

const SUBNETS = [subnetOf({ gateway: '172.17.0.1' })];
const eth0: Partial<WishContext> = { interface: { name: 'eth0', nad: 'default/macvlan' }, isDefault: true };

async function routing(context: Partial<WishContext>, ipam: Readonly<Record<string, unknown>> = {}) {
  const { alternatives, routes, takesDefaultRoute = false } = await wishesOf({ subnets: SUBNETS }, context, ipam);
  const [pool] = alternatives[0]?.[0]?.pools ?? [];
  return { gateway: pool?.gateway, own: pool?.routes ?? [], routes, takesDefaultRoute };
}

test('only the interface with the default route is told its gateway, and goes by it', async () => {
  const none = { gateway: undefined, own: [], routes: [], takesDefaultRoute: false };
  const byGateway = { gateway: '172.17.0.1', own: [{ dst: '0.0.0.0/0', gw: '172.17.0.1' }], routes: [] };
  assert.deepEqual(await routing({}), none);
  assert.deepEqual(await routing(eth0), { ...byGateway, takesDefaultRoute: false });
  assert.deepEqual(await routing({ ...eth0, pod: podWith({ default_route: 'false' }) }), none);
  assert.deepEqual(await routing({ pod: podWith({ default_route: 'true' }) }), {
    ...byGateway,
    takesDefaultRoute: true,
  });
  assert.deepEqual(await routing({ isDefault: true }), none);
  await assert.rejects(routing({ pod: podWith({ default_route: 'yes' }) }), { code: 'BAD_ANNOTATION' });
});

test("routes are the configuration's, then the annotation's; a route without dst is the default route", async () => {
  const ipam = { routes: [{ dst: '10.1.0.0/16', gw: '172.17.0.254' }] };
  const pod = podWith({ routes: '[{"dst":"192.168.0.101/24","gw":"172.17.0.253"},{"gw":"172.17.0.252"}]' });
  assert.deepEqual(await routing({ pod }, ipam), {
    gateway: undefined,
    own: [],
    routes: [
      { dst: '10.1.0.0/16', gw: '172.17.0.254' },
      { dst: '192.168.0.0/24', gw: '172.17.0.253' },
      { dst: '0.0.0.0/0', gw: '172.17.0.252' },
    ],
    takesDefaultRoute: true,
  });
});

test('routes that are named leave no other default route', async () => {
  const pod = podWith({ routes: '[{"dst":"10.1.0.0/16","gw":"172.17.0.254"}]' });
  const { gateway, own, takesDefaultRoute } = await routing({ ...eth0, pod });
  assert.deepEqual({ gateway, own, takesDefaultRoute }, { gateway: '172.17.0.1', own: [], takesDefaultRoute: false });
});

test('wrong routes name the annotation or the field', async () => {
  for (const [routes, message] of [
    ['{', /routes" of pod "default\/web-0": its value is "\{", expected JSON like/],
    ['[{"dst":"x"}]', /routes\[0\]\.dst.*expected a prefix like 10\.0\.0\.0\/8/],
    ['[{}]', /routes\[0\].*expected dst, gw or both/],
    ['[{"dst":"10.0.0.0/8","gw":"fd00::1"}]', /expected an IPv4 address, as routes\[0\]\.dst is one/],
  ] as const) {
    await assert.rejects(routing({ pod: podWith({ routes }) }), { code: 'BAD_ANNOTATION', message });
  }
  await assert.rejects(async () => routing({}, { routes: [{ gw: 'x' }] }), {
    code: 'BAD_CONFIG',
    message: /routes\[0\]\.gw is "x", expected an IP address/,
  });
});
