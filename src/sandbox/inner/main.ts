import { Socket } from 'node:net';
import { codeOf, createLog } from '#base';
import { createReport, type Report } from '../checks/report.ts';
import type { InnerOptions } from '../sandbox-options.ts';
import { findShareDirs } from '../share.ts';
import { type Topology, topology as whole } from '../topology.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { CONTROL_FD, LISTENER_FD } from './inherited-fds.ts';
import { whyNoIpv6 } from './ipv6.ts';
import { runExamples } from './run-examples.ts';

/**
 * Entry of a sandbox's first process, pid 1 of its own pid namespace: `sandbox-inner OPTIONS`. Resolves with the exit code;
 * everything in the sandbox ends with this process.
 */
export async function runInner([json = '{}']: readonly string[]): Promise<number> {
  const inner = JSON.parse(json) as InnerOptions; // from our own supervisor
  const stopping = new AbortController();
  const stopped = new Promise<void>(resolve =>
    stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  listenForStop(stopping);
  const report = createReport({
    json: inner.json,
    stdout: text => process.stdout.write(text),
    stderr: text => process.stderr.write(text),
  });
  // Whoever read our words has gone, as in `underlane sandbox | head`.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stopping.abort());
  // Nodes have no life of their own: when one dies the sandbox is broken.
  const broken = new Promise<number>(resolve => {
    const onFailure = (why: string): void => {
      if (stopping.signal.aborted) return;
      report.progress(why);
      resolve(1);
    };
    run(inner, report, stopping.signal, onFailure).then(resolve, (error: Error) => onFailure(error.message));
  });
  const code = await Promise.race([broken, stopped.then(() => 130)]);
  stopping.abort();
  endEverything(code);
}

/** The kernel would end the rest with pid 1 anyway; asked first, nobody has time to complain about lost connections. */
function endEverything(code: number): never {
  try {
    process.kill(-1, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error; // nobody is left
  }
  process.exit(code);
}

async function run(
  inner: InnerOptions,
  report: Report,
  signal: AbortSignal,
  onFailure: (why: string) => void,
): Promise<number> {
  const log = createLog('warn', { sandbox: inner.id });
  const share = findShareDirs();
  report.progress(`Starting sandbox ${inner.id}: two nodes, a LAN and an API server`);
  const ipv6Skipped = inner.ipv4Only ? 'asked for by --ipv4-only' : whyNoIpv6();
  if (ipv6Skipped !== undefined)
    report.progress(`WARNING: the sandbox has IPv4 only, no path over IPv6 is tried: ${ipv6Skipped}`);
  const topology: Topology = ipv6Skipped === undefined ? whole : { ...whole, families: ['IPv4'] };
  const cluster = await startCluster({ inner, topology, share, listenerFd: LISTENER_FD, log, signal, onFailure });
  if (!inner.once) report.progress(`\n  export KUBECONFIG=${cluster.kubeconfig}\n`);
  const { stateDir } = inner;
  const rows = inner.examples
    ? await runExamples({ cluster, dir: share.examples, topology, ipv6Skipped, stateDir, report })
    : [];
  if (inner.examples || inner.json) report.summary(rows);
  if (inner.once) return rows.every(row => row.ok) ? 0 : 1;
  return await stayUp(inner, cluster, report);
}

/** Never resolves: the stop request ends the process. */
function stayUp(inner: InnerOptions, { pods }: Cluster, report: Report): Promise<number> {
  const status = (): string => {
    const ready = pods
      .list()
      .filter(pod => pod.status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'));
    return `sandbox ${inner.id}: ${whole.nodes.length} nodes, ${ready.length}/${pods.list().length} pods ready. Ctrl-C stops it.`;
  };
  let shown = '';
  const show = (): void => {
    if (status() === shown) return;
    shown = status();
    report.progress(shown);
  };
  pods.subscribe(show);
  show();
  return new Promise<number>(() => undefined);
}

/** The supervisor holds the other end: it closes it to stop us, and its death closes it too. */
function listenForStop(stopping: AbortController): void {
  const control = new Socket({ fd: CONTROL_FD });
  control.on('error', () => stopping.abort());
  control.on('close', () => stopping.abort());
  control.on('end', () => stopping.abort());
  control.resume();
  // Tells the supervisor that its record may name this process from now on.
  control.write('running\n');
}
