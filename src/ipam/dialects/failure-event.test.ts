import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IpamError } from '../errors.ts';
import { failureEvent } from './failure-event.ts';

const taken = new IpamError('ADDRESS_TAKEN', 'Cannot take 10.0.0.5');
const unbound = new IpamError('NO_POOL', 'provider a.b is not bound to any subnet', { details: { provider: 'a.b' } });
const noIPPool = new IpamError('NO_POOL', 'IPPool "x" does not exist', { details: { pool: 'x' } });

test("failureEvent() has Kube-OVN's words for what keeps a pod from its address, and none for other dialects and failures", () => {
  const textOf = (error: unknown, dialect: 'kube-ovn' | 'spiderpool' = 'kube-ovn'): string | undefined => {
    const event = failureEvent({ dialect }, error);
    return event === undefined ? undefined : `${event.reason} ${event.message}`;
  };
  assert.equal(textOf(taken), 'AcquireAddressFailed stage=acquireAddress error=Cannot take 10.0.0.5');
  assert.equal(textOf(noIPPool), 'AcquireAddressFailed stage=acquireAddress error=IPPool "x" does not exist');
  assert.equal(
    textOf(unbound),
    'PodNetworkUpdateFailed stage=getPodKubeovnNets error=provider a.b is not bound to any subnet',
  );
  assert.equal(textOf(taken, 'spiderpool'), undefined);
  assert.equal(textOf(new Error('aborted')), undefined);
});
