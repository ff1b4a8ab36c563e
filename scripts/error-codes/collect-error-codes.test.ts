import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectErrorCodes } from './collect-error-codes.ts';

test('collectErrorCodes() reads unions and tables of numbers', () => {
  const source = `
/** Codes of this room. */
export type XErrorCode =
  /** It is gone. Cure: make it anew. */
  | 'GONE'
  /**
   * It is
   * there. Cure: none.
   */
  | 'There';
const NUMBERS = {
  /** Bad. Cure: mend it. */
  BAD: 7,
};`;
  assert.deepEqual(collectErrorCodes('x', source), [
    { room: 'x', code: 'GONE', meaning: 'It is gone.', cure: 'make it anew.' },
    { room: 'x', code: 'There', meaning: 'It is there.', cure: 'none.' },
    { room: 'x', code: 'BAD', meaning: 'Bad.', cure: 'mend it.', cniNumber: 7 },
  ]);
});

test('collectErrorCodes() names the code without meaning or cure', () => {
  assert.throws(
    () => collectErrorCodes('x', "/** Codes. */\nexport type X =\n  /** One. Cure: a. */\n  | 'ONE'\n  | 'TWO';"),
    {
      message: /TWO of src\/x\/errors\.ts/,
    },
  );
  assert.throws(() => collectErrorCodes('x', "  /** What it is. */\n  | 'ONE';"), { message: /ONE/ });
});
