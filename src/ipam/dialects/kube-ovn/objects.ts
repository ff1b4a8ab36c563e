/** What is wrong with Kube-OVN's objects, how they are meant, and which claims are theirs: for webhooks, lint and views. */
export { claimsOfPool, claimsOfSubnet, subnetOfClaim } from './claims-of-subnet.ts';
export { defaultKubeOvnSubnet } from './default-subnet.ts';
export { isOvnProvider } from './is-ovn-provider.ts';
export { instanceOf, RESULTS_ANNOTATION, resultsOf } from './pod-annotations.ts';
export type { PoolReading } from './pool-members.ts';
export { readPool as readKubeOvnIPPool } from './pool-members.ts';
export { readAnnotations as readKubeOvnAnnotations } from './read-annotations.ts';
export type { SubnetNetwork, SubnetReading } from './subnet-networks.ts';
export { readSubnet as readKubeOvnSubnet } from './subnet-networks.ts';
export type { IPPoolNeighbours } from './validate-ip-pool.ts';
export {
  validateKubeOvnIPPool,
  validateKubeOvnIPPoolChange,
  validateKubeOvnIPPoolRemoval,
} from './validate-ip-pool.ts';
export type { SubnetNeighbours } from './validate-subnet.ts';
export { validateKubeOvnSubnet, validateKubeOvnSubnetChange, validateKubeOvnSubnetRemoval } from './validate-subnet.ts';
