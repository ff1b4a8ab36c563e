/**
 * Whether data of one version is older than that of another: versions are numbers that grow (Kubernetes, "API concepts", resource
 * versions). undefined where one of them is no number.
 */
export function isOlder(version: string, than: string): boolean | undefined {
  if (!NUMBER.test(version) || !NUMBER.test(than)) return undefined;
  return BigInt(version) < BigInt(than);
}

const NUMBER = /^\d+$/;
