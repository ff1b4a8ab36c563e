import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assignInterfaceNames } from './assign-interface-names.ts';
import { parseNetworksAnnotation } from './networks-annotation.ts';

const assign = (text: string) => assignInterfaceNames(parseNetworksAnnotation(text, 'shop').networks, ['eth0']);

describe('assignInterfaceNames()', () => {
  it('names by position, whatever the others ask for', () => {
    assert.deepEqual(assign('a,b@lan,c'), ['net1', 'lan', 'net3']);
  });
  it('refuses a name that the position of another gives', () => {
    assert.throws(() => assign('a@net2,b'), {
      code: 'ANNOTATION_INVALID',
      message: /element 1: interface is "net2", expected a name that no other interface of the pod has$/,
    });
  });
  it('refuses a name that the pod has already', () => {
    assert.throws(() => assign('a@eth0'), /element 0: interface is "eth0"/);
  });
});
