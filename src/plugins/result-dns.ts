import type { CniDns } from '#cni';

interface ParsedDns {
  readonly nameservers?: readonly string[] | undefined;
  readonly domain?: string | undefined;
  readonly search?: readonly string[] | undefined;
  readonly options?: readonly string[] | undefined;
}

/** A config's `dns` as a result holds it: only members that say something. */
export function resultDns(parsed: ParsedDns | undefined): CniDns {
  return {
    ...(parsed?.nameservers === undefined ? {} : { nameservers: parsed.nameservers }),
    ...(parsed?.domain === undefined ? {} : { domain: parsed.domain }),
    ...(parsed?.search === undefined ? {} : { search: parsed.search }),
    ...(parsed?.options === undefined ? {} : { options: parsed.options }),
  };
}
