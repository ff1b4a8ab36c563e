import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parseIpam } from '../config/parse-ipam.ts';

const context = { networkName: 'lan', source: 'the manual' };

suite("a dialect's manual page", () => {
  for (const type of ['whereabouts', 'spiderpool', 'kube-ovn', 'static', 'host-local']) {
    test(`${type}.md names exactly the keys that a configuration has`, () => {
      const [, configuration = ''] = /^## Configuration\n([\s\S]*?)^## /m.exec(read(type)) ?? [];
      const rows = configuration.split('\n').flatMap(line => /^\| `([^`]+)`/.exec(line)?.[1] ?? []);
      assert.deepEqual(rows.sort(), knownFields(type));
    });
  }
});

function read(type: string): string {
  return readFileSync(new URL(`${type}.md`, import.meta.url), 'utf8');
}

/** The error about an unknown field lists those that there are. */
function knownFields(type: string): readonly string[] {
  try {
    parseIpam({ type, unknown: 1 }, context);
  } catch (error) {
    const [, list = ''] = String(error).split('expected only the fields ');
    return list
      .split(', ')
      .filter(field => field !== 'type')
      .sort();
  }
  return [];
}
