/** Runs one request and ends by SIGKILL at a step: `crash-child.ts SERVER DIR STEP VERB REQUEST`. */
import { type Call, startNode } from './node.ts';

const [, , server = '', dir = '', step = '', verb = '', request = ''] = process.argv;
let count = 0;
const node = await startNode({
  server,
  dir,
  onStep: () => {
    if (count++ === Number(step)) process.kill(process.pid, 'SIGKILL');
  },
});
// The arguments are this file's caller's own.
await node.call(verb as 'ADD' | 'DEL', JSON.parse(request) as Call);
process.exit(0);
