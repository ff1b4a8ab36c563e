/** Which machine this is, and where its programs are. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fail } from './report.mjs';

const ARCHITECTURES = ['x64', 'arm64'];

/** `x64` or `arm64`. Ends the process elsewhere: there is no Node binary and no kernel to work with. */
export function architecture() {
  if (process.platform === 'linux' && ARCHITECTURES.includes(process.arch)) return process.arch;
  return fail(`Cannot run on ${process.platform} ${process.arch}: expected linux on ${ARCHITECTURES.join(' or ')}`);
}

/** The Node that runs everything after set-up, whatever the machine's own is. */
export function nodeBinary() {
  return resolve(`node_modules/node-linux-${architecture()}/bin/node`);
}

/** PATH with the folders that ordinary users on Debian lack, where `nft` lives. */
export function toolPath() {
  const folders = (process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin').split(':');
  return [...folders, ...['/usr/sbin', '/sbin'].filter(folder => !folders.includes(folder))].join(':');
}

/** Full path of a program, or undefined. */
export function findProgram(name) {
  return toolPath()
    .split(':')
    .map(folder => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A stamp's text, or undefined when there is none. */
export function readStamp(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
