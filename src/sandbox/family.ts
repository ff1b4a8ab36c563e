/** The address families, as Kubernetes names them. */
export type Family = 'IPv4' | 'IPv6';

export type PerFamily<T = string> = Readonly<Record<Family, T>>;

/** The family of an address or CIDR. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 'IPv6' : 'IPv4';
}

/** `172.18.0.2:80`, `[fd00::2]:80` */
export function hostPort(host: string, port: number): string {
  return familyOf(host) === 'IPv6' ? `[${host}]:${port}` : `${host}:${port}`;
}
