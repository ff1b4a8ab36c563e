/** Writes deploy/crds from the schemas of src/api. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { formatCrdFiles } from '../src/api/crd-files.ts';

const directory = new URL('../deploy/crds/', import.meta.url);
const files = formatCrdFiles();
mkdirSync(directory, { recursive: true });
for (const name of readdirSync(directory)) {
  if (!files.some(file => file.name === name)) rmSync(new URL(name, directory));
}
for (const { name, text } of files) writeFileSync(new URL(name, directory), text);
