import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Copies koffi beside the bundles, where Node looks for it: a native module cannot live inside one.
 * Only what loading needs, 2 MB of 5.
 */
export async function copyKoffi(libDir: string): Promise<void> {
  const native = `@koromix/koffi-linux-${process.arch}`;
  const files = [
    'koffi/package.json',
    'koffi/LICENSE.txt',
    'koffi/index.js',
    'koffi/index.cjs',
    'koffi/indirect.js',
    'koffi/indirect.cjs',
    ...['index', 'indirect', 'src/static'].flatMap(name => [
      `koffi/src/koffi/${name}.js`,
      `koffi/src/koffi/${name}.cjs`,
    ]),
    `${native}/package.json`,
    `${native}/index.js`,
    `${native}/linux_${process.arch}`,
  ];
  for (const file of files) {
    const target = join(libDir, 'node_modules', file);
    await mkdir(dirname(target), { recursive: true });
    await cp(join('node_modules', file), target, { recursive: true });
  }
}
