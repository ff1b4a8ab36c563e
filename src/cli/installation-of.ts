import type { Installation } from '#install';

/** An installation of this very program. @throws InstallError PROGRAM_MISSING */
export async function installationOf(where: Omit<Installation, 'program'>): Promise<Installation> {
  const { findDistDir, readProgram } = await import('#install');
  return { ...where, program: readProgram(findDistDir()) };
}
