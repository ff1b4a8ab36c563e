import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

export const NODE_IP = '172.18.0.2';
export const GATEWAY = '172.18.0.1';
export const MASTER = 'eth0';

/** Makes this namespace a node: eth0 on a LAN whose bridge and gateway live in a namespace of their own. */
export function makeLan(): void {
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  mkdirSync('/run/netns');
  ip('netns add lan');
  ip('link set lo up');
  ip(`link add ${MASTER} type veth peer name node netns lan`);
  ip('-n lan link add lan type bridge');
  ip('-n lan link set node master lan up');
  ip('-n lan link set lan up');
  ip(`-n lan address add ${GATEWAY}/16 dev lan`);
  ip(`address add ${NODE_IP}/16 dev ${MASTER}`);
  ip(`link set ${MASTER} up`);
  ip(`route add default via ${GATEWAY}`);
}

/** Runs `ip` with words parted by blanks. */
function ip(words: string): void {
  execFileSync('ip', words.split(' '));
}
