/** For this room's tests: a node's directories, with somebody else's network and plugins in them. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Installation } from './put-on-node.ts';

export interface TestNode extends Disposable {
  readonly installation: Installation;
  /** Path of a configuration. */
  conf(name: string): string;
  /** Every file of both directories but what was there from the start. */
  added(): readonly string[];
}

export const PRIMARY = '10-calico.conflist';
/** What `readProgram` finds is bytes with one of these sentences in them. */
export const PROGRAM = Buffer.from('ELF CNI plugin of Underlane: to be run by a container runtime');

export function networkText(name: string, more: object = {}): string {
  return JSON.stringify({ cniVersion: '1.0.0', name, plugins: [{ type: 'calico', ...more }] });
}

export function makeNode(): TestNode {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-install-'));
  const [confDir, binDir, stateDir] = ['net.d', 'bin', 'state'].map(name => join(dir, name));
  if (confDir === undefined || binDir === undefined || stateDir === undefined) throw new RangeError('unreachable');
  for (const one of [confDir, binDir]) mkdirSync(one);
  writeFileSync(join(confDir, PRIMARY), networkText('k8s-pod-network'));
  writeFileSync(join(confDir, '05-other.conf.cilium_bak'), networkText('other'));
  writeFileSync(join(binDir, 'calico'), 'somebody else');
  const all = (): readonly string[] => [confDir, binDir].flatMap(one => readdirSync(one).sort());
  const before = new Map(all().map(name => [name, true]));
  return {
    installation: { confDir, binDir, stateDir, program: PROGRAM },
    conf: name => join(confDir, name),
    added: () => all().filter(name => !before.has(name)),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** What a file holds, undefined when it is not there. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
