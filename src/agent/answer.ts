import type { Attacher } from '#attach';
import { codeOf, type Log, messageOf } from '#base';
import { findCniVersion, formatError, formatVersionReply, parseRequest } from '#cni';
import type { WireRequest } from '#wire';
import type { Answer } from './cni-server.ts';

/** Carries out one request and turns whatever comes of it into what the shim prints. Never rejects. */
export async function answerRequest(
  wire: WireRequest,
  signal: AbortSignal,
  attacher: Pick<Attacher, 'handle'>,
  log: Log,
): Promise<Answer> {
  const started = performance.now();
  const fields = {
    command: wire.env['CNI_COMMAND'],
    plugin: wire.plugin,
    containerId: wire.env['CNI_CONTAINERID'],
    ifname: wire.env['CNI_IFNAME'],
  };
  log.debug(fields, 'Asked');
  try {
    const request = parseRequest({ plugin: wire.plugin, env: wire.env, stdin: wire.stdin });
    for (const warning of request.warnings) log.warn({ ...fields, warning }, 'DEL goes on in spite of a fault');
    if (request.command === 'VERSION') return { exitCode: 0, stdout: formatVersionReply() };
    const token = wire.env['UNDERLANE_CALL'];
    const stdout = await attacher.handle(request, { signal, ...(token === undefined ? {} : { token }) });
    log.info({ ...fields, pod: request.args.pod?.name, ms: elapsed(started) }, 'Done');
    return { exitCode: 0, stdout };
  } catch (error) {
    log.warn({ ...fields, code: codeOf(error), error: messageOf(error), ms: elapsed(started) }, 'Failed');
    return refusal(error, findCniVersion(wire.stdin));
  }
}

/** An error as the shim prints it. */
export function refusal(error: unknown, cniVersion: string): Answer {
  return { exitCode: 1, stdout: formatError(error, cniVersion) };
}

function elapsed(started: number): number {
  return Math.round((performance.now() - started) * 10) / 10;
}
