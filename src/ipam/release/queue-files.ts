import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { type Log, messageOf, replaceFile, syncFolder } from '#base';
import { IpamError } from '../errors.ts';
import type { ClaimRef } from '../store/claim-store.ts';

/** Claims to be released, one JSON file each, named by the object's uid. Survives a crash at any point. */
export interface QueueFiles {
  /** What former processes left. */
  readonly left: readonly ClaimRef[];
  /** On disk, a power cut included, when it resolves. @throws IpamError QUEUE_WRITE; nothing half-written is left */
  write(ref: ClaimRef): Promise<void>;
  /** Absent is fine. A removal that a crash loses is harmless: the object is gone then. */
  remove(uid: string): Promise<void>;
}

const SUFFIX = '.json';

const refSchema = z.object({
  name: z.string().check(z.minLength(1)),
  uid: z.string().check(z.minLength(1)),
  resourceVersion: z.exactOptional(z.string()),
});

/** Opens, and where need be makes, the queue's directory. Files that are not ours stay where they are. */
export function openQueueFiles(dir: string, log: Log): QueueFiles {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return {
    left: readdirSync(dir).flatMap(name => readLeft(dir, name, log)),
    async write(ref) {
      const path = join(dir, fileName(ref.uid));
      try {
        await replaceFile(path, JSON.stringify({ name: ref.name, uid: ref.uid, resourceVersion: ref.resourceVersion }));
        await syncFolder(dir);
      } catch (error) {
        throw new IpamError(
          'QUEUE_WRITE',
          `Cannot queue release of claim "${ref.name}" in "${path}": ${messageOf(error)}`,
          {
            cause: error,
            retriable: true,
          },
        );
      }
    },
    remove: uid => rm(join(dir, fileName(uid)), { force: true }),
  };
}

function readLeft(dir: string, name: string, log: Log): readonly ClaimRef[] {
  const path = join(dir, name);
  // Never finished: whoever wrote it was not told that it is queued.
  if (name.endsWith('.tmp')) {
    rmSync(path, { force: true });
    return [];
  }
  if (!name.endsWith(SUFFIX)) return [];
  try {
    return [parseRef(path)];
  } catch (error) {
    log.error({ path, error: messageOf(error) }, 'Cannot read a queued release; its address stays held');
    return [];
  }
}

function parseRef(path: string): ClaimRef {
  const parsed = refSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new IpamError('BAD_QUEUE_FILE', `Cannot read queued release "${path}": expected an object with name and uid`);
}

/** uids are the API server's own and plain, but they came over a wire: nothing of them may leave the directory. */
function fileName(uid: string): string {
  return `${encodeURIComponent(uid)}${SUFFIX}`;
}
