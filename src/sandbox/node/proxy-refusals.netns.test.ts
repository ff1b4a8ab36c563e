import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../netns/testing.ts';
import { proxyRules } from './proxy-rules.ts';

const NODE_PORT = 30_000;

/** Prints how a number of connections, one after another, came out. */
const CLIENT = `
  const { connect } = await import('node:net');
  const outcomes = {};
  for (let count = 0; count < 20; count++) {
    const outcome = await new Promise(resolve => {
      const socket = connect({ host: process.argv[1], port: ${NODE_PORT}, timeout: 900 });
      socket.once('error', error => resolve(error.code));
      socket.once('timeout', () => (resolve('unheard'), socket.destroy()));
    });
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  console.log(JSON.stringify(outcomes));`;

function run(command: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync(command, args, { input, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('proxyRules() lets a client hear every refusal, so that it can ask again at once', skipUnlessRing2(), () => {
  run(
    'ip',
    ['-batch', '-'],
    `netns add client
link add nic0 type veth peer name eth0 netns client
addr add 172.18.0.2/16 dev nic0
addr add fd00:172:18::2/64 nodad dev nic0
link set nic0 up
`,
  );
  run(
    'ip',
    ['-n', 'client', '-batch', '-'],
    'addr add 172.18.0.100/16 dev eth0\naddr add fd00:172:18::100/64 nodad dev eth0\nlink set eth0 up\n',
  );
  const idle = { clusterIPs: ['172.96.0.11', 'fd00:96::11'], ports: [{ port: 80, nodePort: NODE_PORT }] };
  const services = [{ metadata: { namespace: 'default', name: 'idle' }, spec: idle }];
  run('nft', ['-f', '-'], proxyRules('IPv4', services, [], '10.244.0.0/16'));
  run('nft', ['-f', '-'], proxyRules('IPv6', services, [], 'fd00:244::/96'));

  for (const node of ['172.18.0.2', 'fd00:172:18::2']) {
    const client = ['netns', 'exec', 'client', process.execPath, '--input-type=module', '-e', CLIENT, node];
    assert.deepEqual(JSON.parse(run('ip', client)), { ECONNREFUSED: 20 }, node);
  }
});
