import { createHash } from 'node:crypto';

const PREFIX = 'ipam.spidernet.io/';

/** Labels of pools and subnets. */
export const IPPOOL_CIDR_LABEL = `${PREFIX}ippool-cidr`;
export const SUBNET_CIDR_LABEL = `${PREFIX}subnet-cidr`;
export const OWNER_SUBNET_LABEL = `${PREFIX}owner-spider-subnet`;
/** Those of pools that were made for one workload. */
export const OWNER_GROUP_VERSION_LABEL = `${PREFIX}owner-application-gv`;
export const OWNER_KIND_LABEL = `${PREFIX}owner-application-kind`;
export const OWNER_NAMESPACE_LABEL = `${PREFIX}owner-application-namespace`;
export const OWNER_NAME_LABEL = `${PREFIX}owner-application-name`;
export const OWNER_UID_LABEL = `${PREFIX}owner-application-uid`;
export const INTERFACE_LABEL = `${PREFIX}interface`;
export const IP_VERSION_LABEL = `${PREFIX}ip-version`;
export const RECLAIM_LABEL = `${PREFIX}ippool-reclaim`;

/** A network as a label's value: `172-18-0-0-16`, `fd00-30---64`. */
export function cidrLabel(subnet: string): string {
  return labelValue(subnet.replace(/[.:/]/g, '-'));
}

/** Most characters that a label's value may have. */
const VALUE_LIMIT = 63;

/** A name as a label's value: names may be longer than values. */
export function labelValue(name: string): string {
  if (name.length <= VALUE_LIMIT) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, VALUE_LIMIT - hash.length - 1).replace(/[^a-zA-Z0-9]+$/, '')}-${hash}`;
}
