import { type Attacher, entryId, type JournalEntry } from '#attach';
import type { HostFacts } from '#facts';
import type { RetryLoop } from './retry-loop.ts';

/** Counted under this name. */
export const ATTACHMENT = 'attachment';

/** Has an entry that could not be undone tried again until it is gone, or another ADD has taken its place. */
export function finishLater(
  entry: JournalEntry,
  error: unknown,
  attacher: Pick<Attacher, 'finish'>,
  retries: Pick<RetryLoop, 'add'>,
): void {
  retries.add(
    {
      // Another ADD of the same container is another task.
      id: `${entryId(entry.key)}+${entry.nonce}`,
      kind: ATTACHMENT,
      cure: 'Remove what the error names: install the plugin, free the disk, end what holds the device',
      run: () => attacher.finish(entry),
    },
    error,
  );
}

/** Calls back when a link of the node came, went, rose or fell: it may be what an undo waits for. */
export function onLinkChange(facts: Pick<HostFacts, 'current' | 'subscribe'>, callback: () => void): void {
  let known = outline(facts.current);
  facts.subscribe(changed => {
    const now = outline(changed);
    if (now === known) return;
    known = now;
    callback();
  });
}

function outline({ links }: HostFacts['current']): string {
  return links.map(({ ifindex, name, isUp }) => `${ifindex}${name}${isUp}`).join();
}
