import { dump } from 'js-yaml';
import { listCrds } from './crd.ts';

/** A file of `deploy/crds`. */
export interface CrdFile {
  readonly name: string;
  readonly text: string;
}

const HEADER = '# Made from src/api by scripts/generate-crds.ts: change the schemas there.\n';

/** What `deploy/crds` must hold: a file for each definition, named `<group>_<plural>.yaml`. */
export function formatCrdFiles(): readonly CrdFile[] {
  return listCrds().map(crd => ({
    name: `${crd.spec.group}_${crd.spec.names.plural}.yaml`,
    text: HEADER + dump(crd, { lineWidth: -1 }),
  }));
}
