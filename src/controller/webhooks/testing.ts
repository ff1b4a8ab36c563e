import type { AdmissionRequest, KubeObject, Resource } from '#api';
import { loadLint } from '#attach';
import { type Reviewed, type ReviewedKinds, reviewedKinds } from './reviewed-kinds.ts';
import { createReviewer, type Reviewer } from './reviewer.ts';

/** Everything that is reviewed. */
export async function allKinds(): Promise<ReviewedKinds> {
  return reviewedKinds(await loadLint());
}

/** A reviewer in a cluster with these objects. */
export async function reviewerAmong(objects: readonly KubeObject[] = []): Promise<Reviewer> {
  return createReviewer(await allKinds(), async ({ kind }: Resource) => ({
    list: () => objects.filter(object => object.kind === kind),
  }));
}

/** What an API server asks. */
export function requestOf(
  resource: Reviewed['resource'],
  request: Pick<AdmissionRequest, 'operation'> & Partial<AdmissionRequest>,
): AdmissionRequest {
  const { group, version, plural, kind } = resource;
  const typed = (object: KubeObject): KubeObject => ({ apiVersion: `${group}/${version}`, kind, ...object });
  const { object, oldObject, ...rest } = request;
  return {
    uid: 'u1',
    resource: { group, version, resource: plural },
    ...rest,
    ...(object === undefined ? {} : { object: typed(object) }),
    ...(oldObject === undefined ? {} : { oldObject: typed(oldObject) }),
  };
}
