import { type KubeObject, VIEW_LABEL, VIEW_OF_CLAIMS } from '#api';

/** Labels of objects that views make. */
export const VIEW_LABELS: Readonly<Record<string, string>> = { [VIEW_LABEL]: VIEW_OF_CLAIMS };

/** Whether an object is there only as a view: made by us, or taken over from whoever made it. */
export function isOurs({ metadata }: KubeObject): boolean {
  return metadata.labels?.[VIEW_LABEL] === VIEW_OF_CLAIMS;
}
