import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archivesOf } from './mirrors.ts';

test('archivesOf() names each archive once, and none of security updates', () => {
  const printed = [
    "'http://a.example/debian/dists/bookworm/InRelease' a.example_debian_dists_bookworm_InRelease 0 ",
    "'http://a.example/debian/dists/bookworm-updates/InRelease' a.example_debian_dists_bookworm-updates_InRelease 0 ",
    "'http://a.example/debian-security/dists/bookworm-security/InRelease' a.example_InRelease 0 ",
    "'http://old.example/debian-security/dists/buster/updates/InRelease' old.example_InRelease 0 ",
    "'http://a.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' a.example_Packages 0 ",
    "'https://b.example/apt/dists/stable/InRelease' b.example_apt_dists_stable_InRelease 0 ",
    '',
  ].join('\n');
  assert.deepEqual(archivesOf(printed), ['http://a.example/debian', 'https://b.example/apt']);
});

test('archivesOf() finds nothing where apt names nothing', () => {
  assert.deepEqual(archivesOf(''), []);
});
