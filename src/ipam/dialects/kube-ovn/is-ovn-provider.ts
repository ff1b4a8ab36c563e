/** Whether a provider is an OVN network's, whose Subnets are more than addresses: empty, `ovn`, or `<nad>.<namespace>.ovn`. */
export function isOvnProvider(provider: string | undefined): boolean {
  if (provider === undefined || provider === '' || provider === 'ovn') return true;
  const parts = provider.split('.');
  return parts.length === 3 && parts[2] === 'ovn';
}
