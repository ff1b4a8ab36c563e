import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, type Log, messageOf, watchPath } from '#base';
import { CONF_NAME } from './conf-file.ts';
import { type InstallRecord, readRecord, writeRecord } from './install-record.ts';
import { settingsPassedOver } from './passed-over.ts';
import { begin, type Installation } from './put-on-node.ts';
import { readConfDir, renamedCopies } from './read-conf-dir.ts';
import { createRestorePace } from './restore-pace.ts';
import { primaryDirOf, readConf, wantedConf, writeConf } from './settle-conf.ts';

/** What became of our configuration, for people and for graphs. */
export interface InstallReport {
  readonly kind:
    | 'installed'
    /** It was there already when the keeping began. */
    | 'in-place'
    | 'primary-changed'
    | 'primary-unusable'
    /** Settings of Multus that hold no longer. */
    | 'passed-over'
    | 'lost'
    | 'restored'
    | 'failed'
    | 'uninstalled';
  readonly message: string;
}

export interface KeepInstalledOptions {
  readonly installation: Installation;
  /** Called once for each thing that has happened, not each time that it is looked at. */
  readonly onReport: (report: InstallReport) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the keeping; everything stays where it is: pods that come meanwhile must fail and be tried again. */
  readonly signal: AbortSignal;
}

/** What installers of other networks write and rename is looked at when they are likely to be done. */
const SETTLE_MS = 300;
const FAILED_PAUSE_MS = 10_000;
/** A primary network whose file is gone for this long is not being replaced: it was taken away. */
const GONE_MS = 5_000;

/**
 * Keeps the program and our configuration on the node until `underlane uninstall` takes them away: follows the primary
 * network, and puts back what others have renamed, removed or changed, at an ever slower pace.
 */
export function keepInstalled(options: KeepInstalledOptions): { readonly done: Promise<void> } {
  const { installation, clock, log, signal } = options;
  const { confDir, stateDir } = installation;
  const pace = createRestorePace();
  let told = '';
  /** Our configuration as it was seen in its place by this keeper. */
  let confirmed: string | undefined;
  let isLost = false;
  /** This keeper has not managed to write it so far: nobody has taken it away. */
  let isUnwritten = false;
  let isBegun = false;
  let isUnusable = false;
  let isCompared = false;
  let missingSince: number | undefined;
  let poke: () => void = () => undefined;

  function tell(kind: InstallReport['kind'], message: string): void {
    const text = `${kind} ${message}`;
    if (told === text) return;
    told = text;
    options.onReport({ kind, message });
  }

  /** One look. @returns after how many milliseconds to look again, undefined: when something changes */
  async function look(): Promise<number | undefined> {
    const record = isBegun ? readRecord(stateDir) : await beginHere();
    isBegun = true;
    if (record?.state !== 'installed') {
      tell('uninstalled', 'Underlane was uninstalled from this node: its files are no longer kept in place');
      return undefined;
    }
    if (!existsSync(join(installation.binDir, 'underlane'))) await beginHere();
    const backWithin = primaryMayComeBack(record);
    if (backWithin !== undefined) return backWithin;
    const wanted = wantedConf(installation, record.primary);
    const wasUnusable = isUnusable;
    isUnusable = wanted.kind !== 'write';
    if (wanted.kind !== 'write') tell('primary-unusable', `Configuration stays as it is: ${wanted.why}`);
    const text = wanted.kind === 'write' ? wanted.text : record.conf;
    if (text === undefined) return undefined;
    const next = wanted.kind === 'write' ? { ...withoutPrimary(record), conf: text, ...primaryOf(wanted) } : record;
    const wait = await place(record, next, text, wasUnusable && !isUnusable);
    const lost = isCompared ? [] : settingsPassedOver(readConfDir(confDir), installation);
    isCompared = true;
    for (const message of lost) tell('passed-over', message);
    return wait;
  }

  async function beginHere(): Promise<InstallRecord> {
    const { record, refused } = await begin(installation);
    for (const message of refused) tell('failed', message);
    return record;
  }

  /** While the primary network's file is missing for a moment, no other one is taken. */
  function primaryMayComeBack({ primary }: InstallRecord): number | undefined {
    if (
      primary === undefined ||
      installation.clusterNetwork !== undefined ||
      existsSync(join(primaryDirOf(installation), primary.file))
    ) {
      missingSince = undefined;
      return undefined;
    }
    missingSince ??= clock.now();
    const left = missingSince + GONE_MS - clock.now();
    return left > 0 ? left : undefined;
  }

  async function place(
    record: InstallRecord,
    next: InstallRecord,
    text: string,
    isUsableAgain: boolean,
  ): Promise<number | undefined> {
    const current = readConf(confDir);
    const isDisturbed =
      current === undefined
        ? record.conf !== undefined && !isUnwritten
        : confirmed !== undefined && current !== confirmed;
    const isFirst = record.conf === undefined || isUnwritten;
    const isNews = confirmed === undefined || isUsableAgain;
    if (current === text) {
      confirmed = text;
      isLost = false;
    } else if (isDisturbed) {
      if (!isLost) tell('lost', lossOf(current));
      isLost = true;
      const wait = pace.next(clock.now());
      if (wait > 0) return wait;
    }
    if (!isSame(record, next)) writeRecord(stateDir, next);
    if (current !== text) {
      isUnwritten = current === undefined && !isDisturbed;
      await writeConf(confDir, text);
      isUnwritten = false;
      confirmed = text;
      if (isDisturbed) {
        pace.restored(clock.now());
        tell('restored', `Configuration "${join(confDir, CONF_NAME)}" is in its place again`);
      }
      isLost = false;
    }
    if (record.primary?.file !== next.primary?.file || isFirst) {
      const about = next.primary?.file ?? installation.clusterNetwork ?? '';
      const kind = isFirst || record.primary === undefined ? 'installed' : 'primary-changed';
      tell(kind, `The default network is now that of "${about}"`);
    } else if (isNews && !isDisturbed) {
      tell('in-place', `Configuration "${join(confDir, CONF_NAME)}" is in its place`);
    }
    return undefined;
  }

  function lossOf(current: string | undefined): string {
    const path = join(confDir, CONF_NAME);
    if (current !== undefined) return `Somebody has changed "${path}"`;
    const copies = renamedCopies(confDir, CONF_NAME).filter(name => !name.endsWith('.tmp'));
    if (copies.length === 0) return `Somebody has removed "${path}"`;
    const cure = copies.some(name => name.endsWith('.cilium_bak'))
      ? ' (Cilium does so unless cni.exclusive is false)'
      : '';
    return `Somebody has renamed "${path}" to ${copies.map(name => `"${name}"`).join(', ')}${cure}`;
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const { promise: poked, resolve } = Promise.withResolvers<void>();
      poke = resolve;
      let again: number | undefined;
      try {
        again = await look();
      } catch (error) {
        again = FAILED_PAUSE_MS;
        tell('failed', messageOf(error));
      }
      await pause(again, poked);
      await clock.sleep(SETTLE_MS, signal);
    }
  }

  /** Until something changes, or the time is over. */
  async function pause(ms: number | undefined, poked: Promise<void>): Promise<void> {
    if (ms === undefined) return poked;
    const over = new AbortController();
    const slept = clock.sleep(ms, AbortSignal.any([signal, over.signal]));
    try {
      await Promise.race([poked, slept]);
    } finally {
      over.abort();
    }
  }

  for (const dir of new Set([confDir, primaryDirOf(installation)])) watchPath(dir, () => poke(), clock, signal);
  signal.addEventListener('abort', () => poke(), { once: true });
  const done = run().catch((error: unknown) => {
    if (!signal.aborted) log.error({ error: messageOf(error) }, 'Keeping the CNI configuration in place has stopped');
  });
  return { done };
}

function withoutPrimary({ primary: _, ...record }: InstallRecord): InstallRecord {
  return record;
}

function primaryOf({ primary }: { readonly primary?: InstallRecord['primary'] }): Pick<InstallRecord, 'primary'> {
  return primary === undefined ? {} : { primary };
}

function isSame(one: InstallRecord, other: InstallRecord): boolean {
  return (
    one.conf === other.conf && one.primary?.file === other.primary?.file && one.primary?.name === other.primary?.name
  );
}
