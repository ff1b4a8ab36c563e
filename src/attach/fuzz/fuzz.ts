/** For the tests of this folder: parsers on input that is made to break them. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UnderlaneError } from '#base';

/**
 * Runs `parse` on so many inputs. It may refuse any of them, by an error of ours with a whole sentence; it must not end in
 * any other way, nor leave anything in what all objects share. A failure names the seed by which it comes back.
 */
export function fuzz<T>(inputs: fc.Arbitrary<T>, numRuns: number, parse: (input: T) => unknown): void {
  const before = countShared();
  fc.assert(
    fc.property(inputs, input => {
      try {
        parse(input);
      } catch (error) {
        assert.ok(error instanceof UnderlaneError, error instanceof Error ? error.stack : String(error));
        assert.match(error.message, /^[A-Z].*([^.]|\.\.)$/su);
      }
      assert.equal(countShared(), before);
    }),
    { numRuns },
  );
}

/** How much all objects, lists, functions and texts have in common. */
function countShared(): number {
  let count = 0;
  for (const { prototype } of [Object, Array, Function, String]) count += Reflect.ownKeys(prototype).length;
  return count;
}
