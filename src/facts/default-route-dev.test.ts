import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRouteDev } from './default-route-dev.ts';
import { facts, route } from './testing.ts';

test('defaultRouteDev() is the device of the default route with the lowest metric', () => {
  const routes = [
    route('0.0.0.0/0', 'wlan0', { via: '10.0.0.1', metric: 600 }),
    route('0.0.0.0/0', 'eth0', { via: '10.0.0.1', metric: 100 }),
    route('10.0.0.0/8', 'eth1'),
  ];
  assert.equal(defaultRouteDev(facts({ routes })), 'eth0');
});

test('defaultRouteDev() takes IPv4 before IPv6, and a route without metric before one with', () => {
  const routes = [
    route('::/0', 'eth6', { metric: 1 }),
    route('0.0.0.0/0', 'eth4', { metric: 100 }),
    route('0.0.0.0/0', 'eth5'),
  ];
  assert.equal(defaultRouteDev(facts({ routes })), 'eth5');
  assert.equal(defaultRouteDev(facts({ routes: routes.slice(0, 1) })), 'eth6');
});

test('defaultRouteDev() is undefined without a default route, with one in another table, or a multipath one', () => {
  const routes = [
    route('10.0.0.0/8', 'eth0'),
    route('0.0.0.0/0', 'eth0', { table: 100 }),
    route('0.0.0.0/0', undefined),
  ];
  assert.equal(defaultRouteDev(facts({ routes })), undefined);
});
