/** An IPv4 address as 4 bytes, an IPv6 address as 16. What is no address gives bytes without a meaning. */
export function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const words = (part: string): readonly string[] => (part === '' ? [] : part.split(':'));
  const [left, right] = [words(head), words(tail ?? '')];
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(all.flatMap(word => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 0xff]));
}

/** The text of 4 or 16 bytes: IPv6 in the short form of RFC 5952. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const words = bytes.toString('hex').match(/.{4}/g) ?? [];
  // The URL standard prescribes that form for hosts.
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1);
}
