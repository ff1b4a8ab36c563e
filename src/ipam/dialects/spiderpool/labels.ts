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
  return subnet.replace(/[.:/]/g, '-');
}
