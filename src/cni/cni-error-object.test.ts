import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnderlaneError } from '#base';
import { formatError, toCniError } from './cni-error-object.ts';
import { CniError } from './errors.ts';

test('toCniError() gives protocol errors their own number', () => {
  assert.deepEqual(toCniError(new CniError('CNI_INVALID_CONFIG', 'Bad')), {
    code: 7,
    msg: 'Bad',
    details: 'CNI_INVALID_CONFIG',
  });
  const delegate = new CniError('CNI_DELEGATE_FAILED', 'Bad', { cniCode: 114, explanation: 'more' });
  assert.deepEqual(toCniError(delegate), { code: 114, msg: 'Bad', details: 'more' });
});

test('toCniError() says try again later where that can help, else 999', () => {
  const details = { pool: 'a', size: 5n };
  assert.deepEqual(toCniError(new UnderlaneError('API_AWAY', 'Bad', { retriable: true, details })), {
    code: 11,
    msg: 'Bad',
    details: 'API_AWAY {"pool":"a","size":"5"}',
  });
  assert.equal(toCniError(new UnderlaneError('OTHER', 'Bad')).code, 999);
  assert.deepEqual(toCniError(new Error('Bad')), { code: 999, msg: 'Bad' });
  assert.deepEqual(toCniError('Bad'), { code: 999, msg: 'Bad' });
});

test('toCniError() knows other rooms by their codes', () => {
  for (const [code, number] of [
    ['UNKNOWN_CONTAINER', 3],
    ['NAD_INVALID', 7],
    ['NETNS_MISSING', 8],
    ['WIRE_ENV_TOO_LONG', 4],
  ] as const) {
    assert.equal(toCniError(new UnderlaneError(code, 'Bad')).code, number);
  }
});

test('toCniError() reports all of an aggregate under the number of the first', () => {
  const both = new AggregateError([new CniError('CNI_INVALID_NETNS', 'One'), new Error('Two')], 'Cannot tear down');
  assert.deepEqual(toCniError(both), { code: 8, msg: 'Cannot tear down; One; Two', details: 'CNI_INVALID_NETNS' });
});

test('formatError() prints a CNI error object with its version', () => {
  assert.deepEqual(JSON.parse(formatError(new CniError('CNI_TRY_AGAIN_LATER', 'Later'), '0.4.0')), {
    cniVersion: '0.4.0',
    code: 11,
    msg: 'Later',
    details: 'CNI_TRY_AGAIN_LATER',
  });
});
