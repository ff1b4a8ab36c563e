import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, messageOf, readPlainFileSync } from '#base';
import { type DeviceInfo, parseDeviceInfo } from './device-info.ts';
import { DevicesError } from './errors.ts';

/** Where device plugins (`dp`) and CNI plugins (`cni`) put what they say of devices. */
export const DEVICE_INFO_DIR = '/var/run/k8s.cni.cncf.io/devinfo';

/** The specification's objects have some hundred bytes. */
const MAX_BYTES = 64 * 1024;
const MAX_NAME_BYTES = 255;

/** The file in which a device plugin tells of one of its devices. */
export function deviceInfoOfPlugin(dir: string, resource: string, deviceId: string): string {
  return join(dir, 'dp', fileName(`${resource}-${deviceId}-device.json`));
}

/**
 * The file in which an attachment's plugins tell of its device.
 * @param network `namespace/name` of the NetworkAttachmentDefinition, or the network's own name
 */
export function deviceInfoOfAttachment(dir: string, network: string, containerId: string, ifname: string): string {
  return join(dir, 'cni', fileName(`${network}-${containerId}_${ifname}`));
}

function fileName(text: string): string {
  const name = text.replaceAll('/', '-');
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  return `${name.slice(0, 150)}-${createHash('sha256').update(name).digest('hex')}`;
}

/**
 * Gives an attachment's plugins what the device plugin says, to add to. Nothing when it says nothing. What a former
 * attachment left under that name goes, since its DEL can no longer come.
 * @throws DevicesError DEVICE_INFO
 */
export function copyDeviceInfo(from: string, to: string): void {
  try {
    rmSync(to, { force: true });
    const text = readBounded(from);
    if (text === undefined) return;
    parseDeviceInfo(text, `device-info file "${from}"`);
    mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
    writeFileSync(to, text, { flag: 'wx', mode: 0o444 });
  } catch (error) {
    throw deviceInfoError(`copy device-info file "${from}" to "${to}"`, error);
  }
}

/** What an attachment's plugins, or the device plugin before them, have said; undefined when nothing. @throws DevicesError DEVICE_INFO */
export function readDeviceInfo(path: string): DeviceInfo | undefined {
  try {
    const text = readBounded(path);
    return text === undefined ? undefined : parseDeviceInfo(text, `device-info file "${path}"`);
  } catch (error) {
    throw deviceInfoError(`read device-info file "${path}"`, error);
  }
}

/** Removes an attachment's file; an absent one is fine. @throws DevicesError DEVICE_INFO */
export function removeDeviceInfo(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw deviceInfoError(`remove device-info file "${path}"`, error);
  }
}

function readBounded(path: string): string | undefined {
  try {
    return readPlainFileSync(path, MAX_BYTES);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function deviceInfoError(action: string, error: unknown): DevicesError {
  if (error instanceof DevicesError) return error;
  return new DevicesError('DEVICE_INFO', `Cannot ${action}: ${messageOf(error)}`, { cause: error });
}
