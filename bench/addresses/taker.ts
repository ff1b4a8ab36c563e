/**
 * A process with a store of claims, as an agent or a controller has one, on its own client and cache. Arguments: kubeconfig, node,
 * what its cache sees. Answers each task that its parent sends, one after another.
 */
import { readFileSync } from 'node:fs';
import { IP_ALLOCATIONS, type IPAllocation, NODE_LABEL } from '#api';
import { silentLog, systemClock } from '#base';
import { createClaimStore, labelHash } from '#ipam';
import { createKubeClient, createWatchCache, parseKubeconfig } from '#kube';
import { countingClient } from './counting-client.ts';
import { ownerOf, poolOf } from './pool-of.ts';
import type { Done, Task } from './tasks.ts';

const [kubeconfig = '', node = '', sees] = process.argv.slice(2);
const plain = createKubeClient(await parseKubeconfig(readFileSync(kubeconfig, 'utf8'), kubeconfig));
const { client, take: takeCounts } = countingClient(plain);
const cache = createWatchCache<IPAllocation>({
  client: plain,
  resource: IP_ALLOCATIONS,
  ...(sees === 'cluster' ? {} : { query: { labelSelector: `${NODE_LABEL}=${labelHash(node)}` } }),
  signal: new AbortController().signal,
  log: silentLog,
});
await cache.ready();
const store = createClaimStore({
  client,
  cache,
  sees: sees === 'cluster' ? 'cluster' : 'node',
  clock: systemClock,
  log: silentLog,
});

/** Does `one` for all numbers, so many at a time. @returns the time of each */
async function doAll(
  { from, count, atOnce }: { readonly from: number; readonly count: number; readonly atOnce: number },
  one: (number: number) => Promise<void>,
): Promise<{ readonly seconds: number; readonly times: readonly number[] }> {
  const start = performance.now();
  const times: number[] = [];
  let next = from;
  const work = async (): Promise<void> => {
    while (next < from + count) {
      const startedAt = performance.now();
      await one(next++);
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { seconds: (performance.now() - start) / 1000, times };
}

async function takeAll(task: Task & { readonly kind: 'take' }): Promise<Partial<Done>> {
  const pool = poolOf(task.range);
  const addresses: string[] = [];
  const timed = await doAll(task, async number => {
    const { address } = await store.take({ pools: [pool], owner: ownerOf(task.run, number), node });
    addresses.push(address);
  });
  return { ...timed, addresses };
}

/** Of names that no pool has. */
function createAll(task: Task & { readonly kind: 'create' }): Promise<Partial<Done>> {
  return doAll(task, async number => {
    const address = `172.${16 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
    const object: IPAllocation = {
      metadata: { name: `${task.run}-${address}`, labels: { [NODE_LABEL]: labelHash(node) } },
      spec: {
        address: `${address}/16`,
        pool: { dialect: 'whereabouts', kind: 'IPPool', name: '172.16.0.0-16' },
        owner: ownerOf(task.run, number),
        node,
        policy: 'Ephemeral',
      },
    };
    await plain.create(IP_ALLOCATIONS, object);
  });
}

async function know({ claims }: Task & { readonly kind: 'know' }): Promise<Partial<Done>> {
  await new Promise<void>(resolve => {
    const look = (): void => {
      if (cache.list().length >= claims) resolve();
    };
    cache.subscribe(look);
    look();
  });
  globalThis.gc?.();
  return {};
}

function rssMb(): number {
  const [, kb] = /^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Math.round(Number(kb) / 102.4) / 10;
}

async function answer(task: Task): Promise<void> {
  takeCounts();
  const done =
    task.kind === 'take' ? await takeAll(task) : task.kind === 'create' ? await createAll(task) : await know(task);
  const full: Done = { seconds: 0, times: [], addresses: [], ...done, requests: takeCounts(), rssMb: rssMb() };
  process.send?.(full);
}

process.on('message', (task: Task) => {
  answer(task).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
});
process.send?.('ready');
