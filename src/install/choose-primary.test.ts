import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type NetworkConfig, parseNetworkConfig } from '#cni';
import { choosePrimary, type SeenFile } from './choose-primary.ts';

function networkOf(file: string): NetworkConfig {
  const raw = { cniVersion: '1.0.0', name: `net-${file.slice(0, 2)}`, type: 'bridge' };
  return parseNetworkConfig(raw, { source: file });
}
const good = (file: string): SeenFile => ({ file, kind: 'network', network: networkOf(file) });
const broken = (file: string): SeenFile => ({ file, kind: 'broken', problem: 'it is empty' });
const pipeline = (file: string): SeenFile => ({ file, kind: 'pipeline', network: networkOf(file) });
const calico = { file: '10-calico.conflist', name: 'net-10' };

/** The file that is chosen, or why none is. */
function chosen(seen: readonly SeenFile[], former?: typeof calico, pinned?: string): string {
  const choice = choosePrimary(seen, former, pinned);
  return choice.kind === 'use' ? choice.file : `${choice.kind}: ${choice.why}`;
}

suite('choosePrimary()', () => {
  test('primary detection: the first that calls neither us nor Multus', () => {
    const seen = [pipeline('0-underlane.conflist'), pipeline('00-multus.conf'), good('10-calico.conflist')];
    assert.equal(chosen([...seen, good('20-later.conf')]), '10-calico.conflist');
  });
  test('own conf present at start is never the primary network', () => {
    assert.match(chosen([pipeline('0-underlane.conflist')]), /^none: there is no configuration of a primary/);
  });
  test('takes the first again when an earlier one appears, as the runtime would', () => {
    assert.equal(chosen([good('05-cilium.conflist'), good(calico.file)], calico), '05-cilium.conflist');
  });
  test('takes the next when the former one is gone', () => {
    assert.equal(chosen([good('20-later.conf')], calico), '20-later.conf');
  });
  test('keeps what it had while the file of the former one is broken', () => {
    const seen = [broken(calico.file), good('20-later.conf')];
    assert.equal(
      chosen(seen, calico),
      `keep: the primary network's file "10-calico.conflist" cannot be used: it is empty`,
    );
    assert.equal(chosen([good('05-cilium.conflist'), ...seen], calico), '05-cilium.conflist');
  });
  test('keeps what it had when nothing is left', () => {
    assert.match(chosen([], calico), /^keep: there is no configuration/);
  });
  test('passes over broken files of others, and names them when there is nothing else', () => {
    assert.equal(chosen([broken('05-x.conf'), good('10-calico.conflist')]), '10-calico.conflist');
    assert.match(chosen([broken('05-x.conf')]), /^none: .*; not usable: "05-x.conf": it is empty$/);
  });
  test('takes the pinned file and no other', () => {
    const seen = [good('05-a.conf'), good('20-b.conf')];
    assert.equal(chosen(seen, undefined, '20-b.conf'), '20-b.conf');
    assert.equal(chosen(seen, undefined, '30-c.conf'), 'none: there is no usable file "30-c.conf"');
  });
});
