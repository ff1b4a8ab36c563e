import { closeSync, readSync } from 'node:fs';
import { codeOf } from '#base';
import { type NetNamespace, runSync } from '#netns';
import { bindSync, setsockoptSync, watchReadable } from '#sys';
import { toSocketError } from './errors.ts';
import { decodeEvent, type KernelEvent } from './kernel-event.ts';
import { forEachMessage } from './message.ts';
import { AF_NETLINK, openSocket, RECEIVE_SIZE } from './route-socket.ts';

export interface MonitorOptions {
  /** @default the process's own namespace. May be disposed afterwards. */
  readonly ns?: NetNamespace;
  readonly groups: readonly MonitorGroup[];
  /** Called for each event, in the kernel's order. */
  readonly onMessage: (event: KernelEvent) => void;
  /** Called when the kernel had to drop events, with those that were still queued thrown away: what is known is to be read anew. */
  readonly onOverrun: () => void;
  /** Ends the monitor. */
  readonly signal: AbortSignal;
  /** How much the kernel may queue, in bytes. @default 4 MiB: some thousand events; less without CAP_NET_ADMIN in the machine's own user namespace */
  readonly queueBytes?: number;
}

export type MonitorGroup = 'link' | 'address' | 'route' | 'rule';

export interface Monitor {
  /** Handles at once what the kernel has queued so far, instead of at the event loop's next turn. */
  drainSync(): void;
}

/**
 * Reports changes in a namespace from now on, until the signal is aborted. Does not keep the process alive.
 * Same as: `ip monitor link address route rule`
 *
 * What the callbacks throw is an uncaught exception, or `drainSync`'s.
 *
 * @throws SysError, NetnsError; the signal's reason when it is aborted already
 */
export function monitorNamespace(options: MonitorOptions): Monitor {
  const { ns, signal } = options;
  signal.throwIfAborted();
  const fd = ns === undefined ? openMonitor(options) : runSync(ns, () => openMonitor(options));
  const buffer = Buffer.allocUnsafeSlow(RECEIVE_SIZE);
  const drainSync = (): void => {
    // A callback may abort the signal: then the descriptor is closed.
    while (!signal.aborted && readEvents(fd, buffer, options)) {}
  };
  const watch = watchReadable(fd, drainSync);
  signal.addEventListener(
    'abort',
    () => {
      watch.close();
      closeSync(fd);
    },
    { once: true },
  );
  return { drainSync };
}

const DEFAULT_QUEUE_BYTES = 4 * 1024 * 1024;

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;

/** RTNLGRP_* of linux/rtnetlink.h. */
const GROUPS: Readonly<Record<MonitorGroup, readonly number[]>> = {
  link: [1],
  address: [5, 9],
  route: [7, 11],
  rule: [8, 19],
};

function openMonitor(options: MonitorOptions): number {
  const fd = openSocket();
  try {
    setQueueSize(fd, options.queueBytes ?? DEFAULT_QUEUE_BYTES);
    bindSync(fd, encodeAddress(options.groups));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function setQueueSize(fd: number, size: number): void {
  try {
    setsockoptSync(fd, SOL_SOCKET, SO_RCVBUFFORCE, size);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') throw error;
    // Root of a user namespace only: then the queue is as long as net.core.rmem_max allows.
    setsockoptSync(fd, SOL_SOCKET, SO_RCVBUF, size);
  }
}

/** `struct sockaddr_nl`: u16 family, 2 pad, u32 port (0: the kernel chooses), u32 bit mask of groups. */
function encodeAddress(groups: readonly MonitorGroup[]): Buffer {
  const address = Buffer.alloc(12);
  address.writeUInt16LE(AF_NETLINK, 0);
  const mask = groups.flatMap(group => GROUPS[group]).reduce((bits, number) => bits | (1 << (number - 1)), 0);
  address.writeUInt32LE(mask >>> 0, 8);
  return address;
}

/** Reads one datagram and reports its events. False when there is none. */
function readEvents(fd: number, buffer: Buffer, options: MonitorOptions): boolean {
  const length = readOrOverrun(fd, buffer);
  if (length === 0) return false;
  if (length === 'overrun') {
    // Events from before the loss must not be applied on top of what is read after it.
    while (readOrOverrun(fd, buffer) !== 0) {}
    options.onOverrun();
    return true;
  }
  forEachMessage(buffer, length, message => {
    const event = decodeEvent(buffer, message);
    if (event !== undefined && !options.signal.aborted) options.onMessage(event);
  });
  return true;
}

function readOrOverrun(fd: number, buffer: Buffer): number | 'overrun' {
  try {
    return readSync(fd, buffer);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EAGAIN') return 0;
    if (code === 'ENOBUFS') return 'overrun';
    throw toSocketError('read network events', error);
  }
}
