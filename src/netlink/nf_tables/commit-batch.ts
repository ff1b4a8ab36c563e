import { readSync, writeSync } from 'node:fs';
import { toKernelError, toSocketError } from '../errors.ts';
import {
  decodeOutcome,
  encodeMessage,
  forEachMessage,
  NLM_F_ACK,
  NLMSG_ERROR,
  type Outcome,
  type Request,
} from '../message.ts';
import { RECEIVE_SIZE } from '../route-socket.ts';
import { encodeNfgenmsg, NFNL_SUBSYS_NFTABLES, type NftChange } from './nft-message.ts';

const NFNL_MSG_BATCH_BEGIN = 16;
const NFNL_MSG_BATCH_END = 17;

/**
 * Sends the changes as one transaction and returns once it is in force. Its messages are numbered from the batch's number on:
 *
 *     begin first | change first + 1 | ... | end first + n + 1
 *
 * @throws NetlinkError of the first change that the kernel refused; then none is made
 */
export function commitBatch(fd: number, changes: readonly NftChange[], batch: number): void {
  const first = firstSequence(batch);
  const frame = (type: number, sequence: number): Buffer =>
    encodeMessage({ type, header: encodeNfgenmsg(0, NFNL_SUBSYS_NFTABLES), attributes: [] }, sequence);
  const messages = [
    frame(NFNL_MSG_BATCH_BEGIN, first),
    ...changes.map(({ request }, index) =>
      encodeMessage(withAck(request, index === changes.length - 1), first + 1 + index),
    ),
    frame(NFNL_MSG_BATCH_END, first + 1 + changes.length),
  ];
  const [one] = changes;
  const action = changes.length === 1 && one !== undefined ? one.action : `make ${changes.length} nf_tables changes`;
  try {
    // The kernel is done, and has queued every answer, when this returns.
    writeSync(fd, Buffer.concat(messages));
  } catch (error) {
    throw toSocketError(action, error);
  }
  const outcomes = readOutcomes(fd, first, changes.length, action);
  for (const [index, change] of changes.entries()) assertDone(outcomes.get(first + 1 + index), change.action);
  assertDone(outcomes.get(first), action);
}

/** Failures are answered anyway; more answers than needed could overflow the queue. */
function withAck(request: Request, isLast: boolean): Request {
  return isLast ? { ...request, flags: (request.flags ?? 0) | NLM_F_ACK } : request;
}

/** Of requests and dumps of the same socket, none comes as far: they count from 1. */
const BATCHES_FROM = 0x8000_0000;
/** More changes than one datagram could hold. */
const BATCH_SPAN = 0x1_0000;

function firstSequence(batch: number): number {
  return BATCHES_FROM + (batch % (BATCHES_FROM / BATCH_SPAN)) * BATCH_SPAN;
}

/** What the kernel says, by number: of those changes that failed and of the last one, or of the batch's begin when it refuses the whole. */
function readOutcomes(fd: number, first: number, count: number, action: string): ReadonlyMap<number, Outcome> {
  const buffer = Buffer.allocUnsafeSlow(RECEIVE_SIZE);
  const outcomes = new Map<number, Outcome>();
  while (!outcomes.has(first) && !outcomes.has(first + count)) {
    forEachMessage(buffer, read(fd, buffer, action), message => {
      const isOurs = message.sequence >= first && message.sequence <= first + count;
      if (isOurs && message.type === NLMSG_ERROR) outcomes.set(message.sequence, decodeOutcome(buffer, message));
    });
  }
  return outcomes;
}

function read(fd: number, buffer: Buffer, action: string): number {
  try {
    return readSync(fd, buffer);
  } catch (error) {
    throw toSocketError(action, error);
  }
}

function assertDone(outcome: Outcome | undefined, action: string): void {
  if (outcome !== undefined && outcome.errno !== 0) throw toKernelError(action, outcome.errno, outcome.reason);
}
