import { type IPAMClaim, type ObjectProblem, wrongField } from '#api';
import { ifnameProblem } from '#cni';
import { findPrefix, formatAddress } from '#ip';

/** What is wrong with an IPAMClaim. */
export function ipamClaimProblems({ spec }: IPAMClaim): readonly ObjectProblem[] {
  const requests = (spec.ipRequests ?? []).map((text, index) => ({ text, index, address: findPrefix(text) }));
  const seen = new Set<string>();
  return [
    ...(ifnameProblem(spec.interface) === undefined
      ? []
      : [wrongField(['spec', 'interface'], spec.interface, 'the name of an interface, of at most 15 characters')]),
    ...requests.flatMap(({ text, index, address }) => {
      const path = ['spec', 'ipRequests', index];
      if (address === undefined) return [wrongField(path, text, 'an address with prefix length like 172.18.30.131/16')];
      const own = formatAddress(address);
      if (seen.has(own)) return [wrongField(path, text, 'an address that is not asked for before')];
      seen.add(own);
      return [];
    }),
  ];
}

/** What may not change while pods rely on it. */
export function ipamClaimChangeProblems(claim: IPAMClaim, old: IPAMClaim): readonly ObjectProblem[] {
  if ((old.status?.ips ?? []).length === 0) return [];
  return (['network', 'interface'] as const).flatMap(field =>
    claim.spec[field] === old.spec[field]
      ? []
      : [wrongField(['spec', field], claim.spec[field], `"${old.spec[field]}", which it holds addresses of already`)],
  );
}
