import type { Installation } from '#install';

/**
 * An installation of this very program.
 * @param names more names for it, separated by commas
 * @throws InstallError PROGRAM_MISSING, also for a name that it does not answer to
 */
export async function installationOf(
  where: Omit<Installation, 'program' | 'names'>,
  names: string | undefined,
): Promise<Installation> {
  const { findDistDir, InstallError, programNames, readProgram } = await import('#install');
  const dist = findDistDir();
  const known = programNames(dist);
  const wanted = (names ?? '').split(',').filter(name => name !== '');
  const unknown = wanted.find(name => !known.includes(name));
  if (unknown !== undefined) {
    const expected = `expected one of ${known.join(', ')}`;
    throw new InstallError('PROGRAM_MISSING', `Cannot install under the name "${unknown}", ${expected}`);
  }
  return { ...where, program: readProgram(dist), names: wanted };
}

/** What the option of these names says of itself. */
export const NAMES_HELP = 'more names to install the program under where no other program has them, comma-separated';
