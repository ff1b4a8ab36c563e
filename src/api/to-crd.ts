import * as z from 'zod/mini';
import type { Resource } from './object.ts';
import type { PrinterColumn } from './printer-column.ts';
import { toStructuralSchema } from './structural-schema.ts';

/** A CustomResourceDefinition (apiextensions.k8s.io/v1), as far as Underlane writes it. */
export interface Crd {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope: 'Cluster' | 'Namespaced';
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames: readonly string[];
      readonly categories?: readonly string[];
    };
    readonly versions: readonly CrdVersion[];
  };
}

interface CrdVersion {
  readonly name: string;
  readonly served: true;
  readonly storage: true;
  readonly schema: { readonly openAPIV3Schema: unknown };
  readonly subresources?: { readonly status: Readonly<Record<string, never>> };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
}

/** What a definition is made from. */
export interface CrdSource {
  readonly resource: Resource;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** Words by which `kubectl get` lists several kinds at once. */
  readonly categories?: readonly string[];
  readonly description: string;
  readonly schema: z.ZodMiniType;
  /** `status` is written apart from the rest. */
  readonly hasStatus?: boolean;
  readonly columns: readonly PrinterColumn[];
}

/** The definition that the API server takes for a kind. */
export function toCrd(source: CrdSource): Crd {
  const { resource, columns } = source;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource.plural}.${resource.group}` },
    spec: {
      group: resource.group,
      scope: resource.isNamespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: resource.kind,
        listKind: `${resource.kind}List`,
        plural: resource.plural,
        singular: source.singular,
        shortNames: source.shortNames,
        ...(source.categories === undefined ? {} : { categories: source.categories }),
      },
      versions: [
        {
          name: resource.version,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: toStructuralSchema(
              z.toJSONSchema(source.schema, { target: 'openapi-3.0' }),
              source.description,
            ),
          },
          ...(source.hasStatus === true ? { subresources: { status: {} } } : {}),
          ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
        },
      ],
    },
  };
}
