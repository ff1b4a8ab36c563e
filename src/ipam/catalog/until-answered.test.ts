import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SPIDER_IP_POOLS } from '#api';
import { ApiError } from '#kube';
import { untilAnswered } from './until-answered.ts';

const SAID =
  'Cannot list spiderippools: spiderippools.spiderpool.spidernet.io is forbidden: User "system:serviceaccount:kube-system:agent" cannot list resource "spiderippools" in API group "spiderpool.spidernet.io" at the cluster scope';

test('untilAnswered() says what was refused to whom, and which rule is missing', async () => {
  const refusal = new ApiError('Forbidden', SAID, { httpStatus: 403 });
  await assert.rejects(untilAnswered({ answered: () => Promise.reject(refusal) }, SPIDER_IP_POOLS), {
    code: 'FORBIDDEN_KIND',
    message: `${SAID}; add the rule {apiGroups: ["spiderpool.spidernet.io"], resources: ["spiderippools"], verbs: ["get", "list", "watch"]} to the ClusterRole of that account`,
  });
});

test('untilAnswered() leaves every other failure as it is', async () => {
  const ended = new Error('the ADD has ended');
  await assert.rejects(untilAnswered({ answered: () => Promise.reject(ended) }, SPIDER_IP_POOLS), ended);
  await untilAnswered({ answered: async () => undefined }, SPIDER_IP_POOLS);
});
