/** Parts of our dependencies that nothing of ours ever runs: they ship as empty modules. */
import type { Plugin } from 'esbuild';

const LEFT_OUT: readonly string[] = [
  // @grpc/grpc-js's: reads the messages of its introspection service, which we never serve.
  '@grpc/proto-loader',
  // prom-client's: joins samples to traces, where a program makes traces.
  '@opentelemetry/api',
  // prom-client's: quantiles of its Summary, of which we have none.
  'tdigest',
  // pino's: log transports in worker threads; ours goes to stderr from the thread that logs.
  'thread-stream',
];

/** Puts an empty module in the place of each. Whoever calls into one after all gets a TypeError that names what is missing. */
export const leaveOut: Plugin = {
  name: 'leave-out',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${LEFT_OUT.join('|')})$`) }, ({ path }) => ({
      path,
      namespace: 'left-out',
    }));
    build.onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};
