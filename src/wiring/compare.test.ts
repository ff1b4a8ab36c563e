import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Facts, NsFacts } from '#facts';
import { compare } from './compare.ts';
import { overlayWiring } from './overlay.ts';
import { attachmentShapes, macvlanAndVeth, plainFacts, wiringOf } from './testing.ts';
import type { Wiring } from './wiring.ts';

const wired = overlayWiring(plainFacts, macvlanAndVeth);

describe('compare()', () => {
  test('finds nothing when all is there, whatever else is', () => {
    const pod: NsFacts = {
      ...wired.pod,
      routes: [...wired.pod.routes, { family: 4, dst: '1.0.0.0/8', dev: 'lo', table: 254, scope: 'link', protocol: 3 }],
    };
    assert.deepEqual(compare(macvlanAndVeth, { ...wired, pod }), []);
  });

  test('names every item that is missing and where', () => {
    const pod: NsFacts = { ...wired.pod, routes: wired.pod.routes.filter(route => route.dst !== '10.96.0.0/12') };
    assert.deepEqual(messages(macvlanAndVeth, { ...wired, pod }), [
      'route 10.96.0.0/12 via 172.18.0.2 dev veth0 is missing in the pod',
    ]);
  });

  test('says what is there instead', () => {
    const pod: NsFacts = {
      ...wired.pod,
      neighbours: wired.pod.neighbours.map(each => ({ ...each, isPermanent: false })),
      routes: wired.pod.routes.map(route => (route.dst === '0.0.0.0/0' ? { ...route, via: '172.18.0.254' } : route)),
    };
    const host: NsFacts = {
      ...wired.host,
      links: wired.host.links.map(link => (link.kind === 'veth' ? { ...link, isUp: false } : link)),
      sysctls: { ...wired.host.sysctls, 'net/ipv4/conf/vethabcdef01234/rp_filter': '1' },
    };
    assert.deepEqual(messages(macvlanAndVeth, { host, pod }), [
      'route 0.0.0.0/0 via 172.18.0.1 dev eth0 in the pod is not as planned: via is 172.18.0.254, expected 172.18.0.1',
      'link veth0 up mtu 1500 address 0a:58:00:00:00:01 type veth peer name vethabcdef01234 up mtu 1500 address ' +
        '0a:58:00:00:00:02 netns host in the pod is not as planned: state is down, expected up',
      'sysctl net/ipv4/conf/vethabcdef01234/rp_filter=2 on the host is not as planned: value is 1, expected 2',
      'neighbour 172.18.0.2 dev veth0 lladdr 0a:58:00:00:00:02 in the pod is not as planned: ' +
        'state is not permanent, expected permanent',
    ]);
  });

  test('reports every item of a pod that has lost everything, but no sysctl of a kernel without IPv6', () => {
    const differences = compare(macvlanAndVeth, plainFacts);
    assert.equal(differences.length, macvlanAndVeth.length - 1);
    assert.ok(
      differences.every(difference => difference.actual === undefined && difference.message.includes('missing')),
    );
  });

  test('reports a link of somebody else under the planned name', () => {
    const links = wired.pod.links.map(link => (link.name === 'eth0' ? { ...link, kind: 'ipvlan' } : link));
    const found = compare(macvlanAndVeth, { ...wired, pod: { ...wired.pod, links } });
    assert.equal(found.length, 1);
    assert.match(found[0]?.message ?? '', /"eth0" in the pod is a ipvlan link: kind is ipvlan, expected macvlan$/);
  });

  test('is empty on the facts that any wiring makes', () => {
    fc.assert(
      fc.property(fc.array(attachmentShapes, { maxLength: 4 }), shapes => {
        const wiring = shapes.flatMap(wiringOf);
        assert.deepEqual(compare(wiring, overlayWiring(plainFacts, wiring)), []);
      }),
    );
  });
});

function messages(wiring: Wiring, facts: Facts): string[] {
  return compare(wiring, facts).map(difference => difference.message);
}
