import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { codeOf } from '#base';
import type { DeviceFact } from './facts.ts';

/**
 * Those of the PCI devices that are there.
 * @param sysfs where it is mounted, with the devices of the node's namespace
 * @param ids `0000:03:02.1`, ...
 */
export function readDevices(ids: readonly string[], sysfs = '/sys'): readonly DeviceFact[] {
  return ids.flatMap(id => {
    const dir = join(sysfs, 'bus/pci/devices', id);
    if (statSync(dir, { throwIfNoEntry: false }) === undefined) return [];
    const driver = linkedName(join(dir, 'driver'));
    const pf = linkedName(join(dir, 'physfn'));
    const number = pf === undefined ? undefined : numberOfVf(join(dir, 'physfn'), id);
    const vf =
      pf === undefined || number === undefined ? undefined : { number, pf, pfLinks: namesIn(join(dir, 'physfn/net')) };
    return [
      {
        id,
        ...(driver === undefined ? {} : { driver }),
        links: namesIn(join(dir, 'net')),
        ...(vf === undefined ? {} : { vf }),
      },
    ];
  });
}

/** A physical function has one link for each virtual one: `virtfn3` leads to the fourth. */
function numberOfVf(dir: string, id: string): number | undefined {
  for (const name of namesIn(dir)) {
    const [, number] = /^virtfn(\d+)$/.exec(name) ?? [];
    if (number !== undefined && linkedName(join(dir, name)) === id) return Number(number);
  }
  return undefined;
}

function linkedName(path: string): string | undefined {
  return absentAs(undefined, () => basename(readlinkSync(path)));
}

function namesIn(dir: string): readonly string[] {
  return absentAs([], () => readdirSync(dir).sort());
}

/** Devices come and go at any time. */
function absentAs<T>(absent: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ENODEV'].includes(codeOf(error))) throw error;
    return absent;
  }
}
