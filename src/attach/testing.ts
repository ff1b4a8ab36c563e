/** For kernel tests: the pipeline on this process's own namespace, plain CNI unless told otherwise. */
import { join } from 'node:path';
import { createLoopShare, silentLog, systemClock } from '#base';
import { createKubeletDevices } from '#devices';
import { createHostFacts } from '#facts';
import { openOwnNamespace } from '#netns';
import type { AttachDeps } from './deps.ts';
import {
  type Attacher,
  createAnnouncer,
  createAttacher,
  createHostLocalLeases,
  createNesting,
  DEFAULT_DEADLINES,
  openJournal,
} from './mod.ts';

export interface TestAttacher extends AsyncDisposable {
  readonly attacher: Attacher;
  readonly deps: AttachDeps;
}

/** Works in `dir`: `journal`, `bin` and `conf` in it, of which it makes the first. Disposing stops it and waits for the undo. */
export async function startTestAttacher(dir: string, more: Partial<AttachDeps> = {}): Promise<TestAttacher> {
  const ending = new AbortController();
  const ns = openOwnNamespace();
  const journal = more.journal ?? openJournal(join(dir, 'journal'), silentLog);
  const facts = await createHostFacts({ signal: ending.signal, log: silentLog });
  const deps: AttachDeps = {
    nodeName: 'n1',
    host: { ns, facts, removals: new Set(), loop: createLoopShare(), sysfs: join(dir, 'sysfs') },
    journal,
    hostLocal: createHostLocalLeases(journal, join(dir, 'networks')),
    hostLocalDir: join(dir, 'networks'),
    cluster: undefined,
    api: undefined,
    binDirs: [join(dir, 'bin')],
    confDir: join(dir, 'conf'),
    socket: join(dir, 'agent.sock'),
    nesting: createNesting(),
    announcer: createAnnouncer({ clock: systemClock, log: silentLog, signal: ending.signal }),
    devices: { kubelet: createKubeletDevices(join(dir, 'kubelet')), infoDir: join(dir, 'devinfo') },
    lacksKind: () => false,
    deadlines: DEFAULT_DEADLINES,
    onOwnerIdle: () => {},
    onUnfinished: () => {},
    clock: systemClock,
    log: silentLog,
    ...more,
  };
  const attacher = createAttacher(deps);
  return {
    attacher,
    deps,
    async [Symbol.asyncDispose]() {
      await attacher.stop();
      ending.abort();
      ns[Symbol.dispose]();
    },
  };
}
