/** Runs one request and ends by SIGKILL at a step: `crash-child.ts SERVER DIR STEP VERB REQUEST`. */
import { type Call, startNode } from './node.ts';

const [, , server = '', dir = '', step = '', verb = '', request = ''] = process.argv;
let count = 0;
const node = await startNode({
  server,
  dir,
  onStep: name => {
    // A change has many steps: once in front of each is enough, where all that came before is done.
    if (verb === 'CHANGE' && name.startsWith('after')) return;
    if (count++ === Number(step)) process.kill(process.pid, 'SIGKILL');
  },
});
// The arguments are this file's caller's own.
const call = JSON.parse(request) as Call;
if (verb === 'CHANGE') {
  const { name = '', uid = '' } = call.pod ?? {};
  await node.attacher.changeNetworks({ namespace: 'default', name, uid });
} else await node.call(verb as 'ADD' | 'DEL', call);
process.exit(0);
