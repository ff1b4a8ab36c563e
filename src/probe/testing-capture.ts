/** Reads what comes by a link, for kernel tests: by its own reading of the RFCs, as a witness of the room's. */

import { once } from 'node:events';
import { closeSync, readSync } from 'node:fs';
import { findIfindex, openRouteSocket } from '#netlink';
import { openNamespace, runSync } from '#netns';
import { bindSync, socketSync, watchReadable } from '#sys';

/** Stops when it is disposed of. */
export interface Capture extends Disposable {
  /** Resolves with those that match when there are so many. */
  seen(pattern: RegExp, times: number): Promise<readonly string[]>;
  /**
   * A line for each ARP packet and each message of neighbour discovery:
   * `02:.. > ff:.. who-has 10.0.0.5 tell 10.0.0.1`, `02:.. > 33:.. fd00::5 > ff02::1 advertisement of fd00::5, override`
   */
  lines(): readonly string[];
}

/** Hears all of a link from now on. @param netns path of its namespace */
export function capture(netns: string, dev: string): Capture {
  const fd = openOn(netns, dev);
  const lines: string[] = [];
  const news = new EventTarget();
  const buffer = Buffer.alloc(2048);
  const read = (): void => {
    for (let size = readFrame(fd, buffer); size > 0; size = readFrame(fd, buffer)) {
      const line = describe(buffer.subarray(0, size));
      if (line !== undefined) lines.push(line);
    }
    news.dispatchEvent(new Event('lines'));
  };
  const watch = watchReadable(fd, read);
  return {
    lines() {
      read();
      return lines;
    },
    async seen(pattern, times) {
      for (;;) {
        const found = lines.filter(line => pattern.test(line));
        if (found.length >= times) return found;
        const waiting = AbortSignal.timeout(20_000);
        await once(news, 'lines', { signal: waiting }).catch((cause: unknown) => {
          throw new Error(`heard ${pattern} ${found.length} times, expected ${times}:\n${lines.join('\n')}`, { cause });
        });
      }
    },
    [Symbol.dispose]() {
      watch.close();
      closeSync(fd);
    },
  };
}

function openOn(netns: string, dev: string): number {
  using ns = openNamespace(netns);
  using links = openRouteSocket(ns);
  const ifindex = findIfindex(links, dev);
  if (ifindex === undefined) throw new Error(`no link "${dev}" in ${netns}`);
  // AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, ETH_P_ALL.
  const fd = runSync(ns, () => socketSync(17, 0o2004003, 0x0300));
  const address = Buffer.alloc(20);
  address.writeUInt16LE(17, 0);
  address.writeUInt16BE(3, 2);
  address.writeInt32LE(ifindex, 4);
  bindSync(fd, address);
  return fd;
}

function readFrame(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer);
  } catch {
    return 0;
  }
}

function describe(frame: Buffer): string | undefined {
  const ends = `${mac(frame, 6)} > ${mac(frame, 0)}`;
  const type = frame.readUInt16BE(12);
  if (type === 0x0806) {
    const [sender, target] = [ipv4(frame, 28), ipv4(frame, 38)];
    return frame.readUInt16BE(20) === 1
      ? `${ends} who-has ${target} tell ${sender}`
      : `${ends} ${sender} is-at ${mac(frame, 22)}`;
  }
  const kind = { 135: 'solicitation', 136: 'advertisement' }[
    type === 0x86dd && frame[20] === 58 ? (frame[54] ?? 0) : 0
  ];
  if (kind === undefined) return undefined;
  const override = ((frame[58] ?? 0) & 0x20) !== 0 ? ', override' : '';
  return `${ends} ${ipv6(frame, 22)} > ${ipv6(frame, 38)} ${kind} of ${ipv6(frame, 62)}${override}`;
}

function mac(frame: Buffer, at: number): string {
  return [...frame.subarray(at, at + 6)].map(byte => byte.toString(16).padStart(2, '0')).join(':');
}

function ipv4(frame: Buffer, at: number): string {
  return frame.subarray(at, at + 4).join('.');
}

function ipv6(frame: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => frame.readUInt16BE(at + 2 * index).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
