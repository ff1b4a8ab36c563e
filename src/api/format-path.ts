/** A path as messages show it: `spec.ips[0]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the object';
  return path.map((key, index) => formatKey(key, index === 0)).join('');
}

function formatKey(key: PropertyKey, isFirst: boolean): string {
  // `metadata.annotations[underlane.io/scope]`: its dots lead nowhere.
  if (typeof key === 'number' || !/^[\w$-]+$/.test(String(key))) return `[${String(key)}]`;
  return `${isFirst ? '' : '.'}${String(key)}`;
}
