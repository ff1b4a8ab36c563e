import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { release } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../netns/testing.ts';

test('capabilities -o json prints one object with what ip agrees with', skipUnlessRing2(), () => {
  const main = join(import.meta.dirname, '../main.ts');
  const output = execFileSync(process.execPath, [main, 'capabilities', '-o', 'json'], { encoding: 'utf8' });
  const { kernel, capabilities } = JSON.parse(output) as { kernel: string; capabilities: { name: string }[] };
  assert.equal(kernel, release());
  assert.deepEqual(
    capabilities.find(({ name }) => name === 'link kind veth'),
    {
      name: 'link kind veth',
      neededBy: 'veth, bridge, ptp, sandbox',
      cure: 'modprobe veth, or a kernel with CONFIG_VETH',
      present: true,
    },
  );
});
