/** Writes docs/errors.md from the errors.ts of all rooms. */
import { writeFileSync } from 'node:fs';
import { formatErrorPage } from './error-codes/format-error-page.ts';

writeFileSync(new URL('../docs/errors.md', import.meta.url), await formatErrorPage());
