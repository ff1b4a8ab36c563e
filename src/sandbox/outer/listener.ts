import { createServer, type Server } from 'node:net';
import { SandboxError } from '../errors.ts';

/** A TCP listener on loopback whose descriptor can be handed to a child. */
export interface InheritableListener {
  readonly fd: number;
  readonly port: number;
  /** Gives up this process's copy. */
  close(): void;
}

/** Listens on a free port of 127.0.0.1. */
export async function openListener(): Promise<InheritableListener> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const fd = descriptorOf(server);
  if (address === null || typeof address === 'string' || fd === undefined) {
    throw new SandboxError(
      'BAD_CONFIG',
      'Cannot hand a listener to the sandbox: this Node.js does not tell its descriptor',
    );
  }
  return { fd, port: address.port, close: () => server.close() };
}

/** Node has no public way to learn a server's descriptor; child_process reads the same field when it passes handles on. */
function descriptorOf(server: Server): number | undefined {
  const { _handle } = server as Server & { readonly _handle?: { readonly fd?: number } };
  const fd = _handle?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}
