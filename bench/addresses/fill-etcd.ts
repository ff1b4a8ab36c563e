import { IP_ALLOCATIONS, type IPAllocation } from '#api';

/** What etcd takes in one transaction, unless it is told otherwise. */
const BATCH = 128;

/**
 * Writes claims where a kube-apiserver keeps them: its watches tell of them as of any others.
 * @param url of an etcd that has its JSON gateway open, as it has by default
 */
export async function fillEtcd(url: string, claims: Iterable<IPAllocation>): Promise<void> {
  let batch: IPAllocation[] = [];
  for (const claim of claims) {
    batch.push(claim);
    if (batch.length < BATCH) continue;
    await write(url, batch);
    batch = [];
  }
  if (batch.length > 0) await write(url, batch);
}

async function write(url: string, claims: readonly IPAllocation[]): Promise<void> {
  const success = claims.map(claim => ({
    requestPut: {
      key: base64(`/registry/${IP_ALLOCATIONS.group}/${IP_ALLOCATIONS.plural}/${claim.metadata.name}`),
      value: base64(`${JSON.stringify(claim)}\n`),
    },
  }));
  const answer = await fetch(`${url}/v3/kv/txn`, { method: 'POST', body: JSON.stringify({ success }) });
  if (!answer.ok) throw new Error(`Cannot write claims to etcd: ${answer.status} ${await answer.text()}`);
  await answer.body?.cancel();
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
