import { expandIp, findIp, type Ip } from '#ip';

/** The name of the object that stands for an address in a scope: `lan-172.18.30.131`, `lan-fd00-0000-...-0005`. */
export function claimName(scope: string, ip: Ip): string {
  return `${scope}-${expandIp(ip).replaceAll(':', '-')}`;
}

const NAME = /^(.+)-((?:\d+\.){3}\d+|(?:[0-9a-f]{4}-){7}[0-9a-f]{4})$/;

/** Scope and address of a claim's name; undefined for any other name. */
export function parseClaimName(name: string): { readonly scope: string; readonly ip: Ip } | undefined {
  const [, scope, text] = NAME.exec(name) ?? [];
  const ip = text === undefined ? undefined : findIp(text.replaceAll('-', ':'));
  return scope === undefined || ip === undefined ? undefined : { scope, ip };
}
