import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestFilesOutcome } from '../../scripts/test/run-test-files.ts';

/** What the host asks the second kernel for. */
export interface LabRequest {
  /** Test files, to be run one after another. */
  readonly files: readonly string[];
}

/** What the second kernel answers, line by line: itself first, with its table of capabilities, then each file in the order of the request. */
export type LabLine =
  | { readonly type: 'kernel'; readonly release: string; readonly linkKinds: readonly string[]; readonly table: string }
  | { readonly type: 'file'; readonly file: string; readonly outcome: TestFilesOutcome };

/** A file of the host that both kernels know by the same path. */
export function requestPath(folder: string): string {
  return join(folder, 'request.json');
}

/** Opens the answer for writing. Each line is on the host when the call returns: the kernel may die at any time. */
export function openAnswer(folder: string): { readonly write: (line: LabLine) => void } & Disposable {
  const fd = openSync(answerPath(folder), 'w');
  return {
    write: line => {
      writeSync(fd, `${JSON.stringify(line)}\n`);
      fsyncSync(fd);
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

/** The lines written so far. */
export function readAnswer(folder: string): readonly LabLine[] {
  if (!existsSync(answerPath(folder))) return [];
  const whole = readFileSync(answerPath(folder), 'utf8').split('\n').slice(0, -1);
  // openAnswer() wrote them.
  return whole.map(line => JSON.parse(line) as LabLine);
}

function answerPath(folder: string): string {
  return join(folder, 'answer.jsonl');
}
