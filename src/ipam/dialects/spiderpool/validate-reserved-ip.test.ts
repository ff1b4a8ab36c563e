import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesOf } from '../../../api/testing.ts';
import { reservedOf } from './testing.ts';
import { validateSpiderReservedIP, validateSpiderReservedIPChange } from './validate-reserved-ip.ts';

test('validateSpiderReservedIP() reads addresses of one family', () => {
  assert.deepEqual(validateSpiderReservedIP(reservedOf('r', ['10.0.0.1', '10.0.0.5-10.0.0.9'])), []);
  assert.deepEqual(validateSpiderReservedIP(reservedOf('r', [])), []);
  assert.deepEqual(messagesOf(validateSpiderReservedIP(reservedOf('r', ['10.0.0.1', 'fd00::1']))), [
    'spec.ips[1] is "fd00::1", expected IPv4 addresses, as spec.ipVersion says',
  ]);
  assert.deepEqual(messagesOf(validateSpiderReservedIP(reservedOf('r', ['web']))), [
    'spec.ips[0] is "web", expected an address like 10.6.0.10 or a range like 10.6.0.10-10.6.0.20',
  ]);
  assert.deepEqual(
    messagesOf(validateSpiderReservedIPChange(reservedOf('r', ['10.0.0.1']), reservedOf('r', ['fd00::1']))),
    ['spec.ipVersion is 6, expected 4: it is not changeable'],
  );
});
