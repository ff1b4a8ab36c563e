/** gRPC as it ships: in a file of its own, which is loaded when kubelet is asked for devices and not before. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { BUNDLE_OPTIONS } from '../../scripts/build/bundle.ts';
import { encodePodResources, podsWith, startTestKubelet } from '../../src/devices/testing.ts';

const PROGRAM = `
import { createKubeletDevices } from './src/devices/mod.ts';
const pod = { namespace: 'default', name: 'p', uids: new Set() };
const containers = await createKubeletDevices(process.argv[2]).ofPod(pod, new AbortController().signal);
process.stdout.write(JSON.stringify(containers.map(devices => [...devices])));
`;

test('a bundle asks kubelet with what it has brought along', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-grpc-'));
  try {
    await build({
      ...BUNDLE_OPTIONS,
      stdin: { contents: PROGRAM, resolveDir: '.' },
      entryNames: 'program',
      outdir: join(dir, 'lib'),
    });
    const program = join(dir, 'lib/program.mjs');
    assert.doesNotMatch(readFileSync(program, 'utf8'), /PodResourcesLister/);
    assert.equal(readdirSync(join(dir, 'lib')).filter(name => name.startsWith('chunk-list-pod')).length, 1);
    const pods = podsWith(['p'], 'example.com/nic', [['a']]);
    await using _kubelet = await startTestKubelet(join(dir, 'kubelet'), { v1: () => encodePodResources(pods) });
    const { stdout } = await promisify(execFile)(process.execPath, [program, join(dir, 'kubelet')], { cwd: dir });
    assert.equal(stdout, '[[["example.com/nic",["a"]]]]');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
