/** Kubernetes objects that Underlane reads or writes: types, resources, schemas, CRDs. */
export type { AdmissionRequest, AdmissionResponse, AdmissionReview, AdmissionStatus } from './admission-review.ts';
export type { Application, ApplicationSpec } from './applications.ts';
export { CRON_JOBS, DAEMON_SETS, DEPLOYMENTS, JOBS, REPLICA_SETS } from './applications.ts';
export type { AttachmentPolicy, AttachmentPolicySpec } from './attachment-policy.ts';
export { ATTACHMENT_POLICIES } from './attachment-policy.ts';
export { attachmentPolicySchema } from './attachment-policy-schema.ts';
export { controllerReference } from './controller-reference.ts';
export type { Event, Pod } from './core.ts';
export { EVENTS, NAMESPACES, PODS } from './core.ts';
export { listCrds } from './crd.ts';
export { formatIssues, problemsOf } from './format-issues.ts';
export { formatPath } from './format-path.ts';
export type {
  ClaimHeir,
  ClaimOwner,
  IPAllocation,
  IPAllocationSpec,
  IPAMClaimReference,
  PoolReference,
  WorkloadReference,
} from './ip-allocation.ts';
export { IP_ALLOCATIONS, NODE_LABEL, POD_LABEL, POOL_LABEL } from './ip-allocation.ts';
export { ipAllocationSchema } from './ip-allocation-schema.ts';
export type { IPAMClaim, IPAMClaimSpec, IPAMClaimStatus } from './ipam-claim.ts';
export { IPAM_CLAIMS } from './ipam-claim.ts';
export { ipamClaimSchema } from './ipam-claim-schema.ts';
export type { UseSpelling } from './kube-ovn/address-use.ts';
export { addressUse, IP_POOL_USE, SUBNET_USE } from './kube-ovn/address-use.ts';
export type { KubeOvnIP, KubeOvnIPSpec } from './kube-ovn/ip.ts';
export { KUBE_OVN_IPS } from './kube-ovn/ip.ts';
export type { KubeOvnIPPool, KubeOvnIPPoolSpec, KubeOvnIPPoolStatus } from './kube-ovn/ip-pool.ts';
export { KUBE_OVN_IP_POOLS } from './kube-ovn/ip-pool.ts';
export { kubeOvnIPPoolSchema } from './kube-ovn/ip-pool-schema.ts';
export { kubeOvnIPSchema } from './kube-ovn/ip-schema.ts';
export { isKubeOvns, KUBE_OVN_FINALIZERS } from './kube-ovn/is-kube-ovns.ts';
export type { KubeOvnCondition, KubeOvnSubnet, KubeOvnSubnetSpec, KubeOvnSubnetStatus } from './kube-ovn/subnet.ts';
export { KUBE_OVN_SUBNETS } from './kube-ovn/subnet.ts';
export { kubeOvnSubnetSchema } from './kube-ovn/subnet-schema.ts';
export { VIRTUAL_MACHINE_INSTANCES, VIRTUAL_MACHINES } from './kube-virt.ts';
export type { LabelSelector, LabelSelectorRequirement } from './label-selector.ts';
export { matchesLabels, meetsRequirement } from './label-selector.ts';
export type { Lease, LeaseSpec } from './lease.ts';
export { agentLeaseName, LEASE_NAMESPACE, LEASES } from './lease.ts';
export type { NetworkAttachmentDefinition } from './network-attachment-definition.ts';
export { NETWORK_ATTACHMENT_DEFINITIONS } from './network-attachment-definition.ts';
export { networkAttachmentDefinitionSchema } from './network-attachment-definition-schema.ts';
export type { Node } from './node.ts';
export { NODES } from './node.ts';
export type { KubeObject, ObjectMeta, OwnerReference, Resource } from './object.ts';
export type { ObjectProblem } from './object-problem.ts';
export { wrongField } from './object-problem.ts';
export type { PodState } from './pod-state.ts';
export { stateOf } from './pod-state.ts';
export type { Secret } from './secret.ts';
export { SECRETS } from './secret.ts';
export { isSpiderpools } from './spiderpool/is-spiderpools.ts';
export type {
  SpiderEndpoint,
  SpiderEndpointAddresses,
  SpiderEndpointStatus,
} from './spiderpool/spider-endpoint.ts';
export { SPIDER_ENDPOINTS } from './spiderpool/spider-endpoint.ts';
export { spiderEndpointSchema } from './spiderpool/spider-endpoint-schema.ts';
export type {
  SpiderAddresses,
  SpiderIPPool,
  SpiderIPPoolSpec,
  SpiderIPPoolStatus,
  SpiderRoute,
} from './spiderpool/spider-ip-pool.ts';
export { SPIDER_IP_POOLS } from './spiderpool/spider-ip-pool.ts';
export { spiderIPPoolSchema } from './spiderpool/spider-ip-pool-schema.ts';
export type { SpiderReservedIP, SpiderReservedIPSpec } from './spiderpool/spider-reserved-ip.ts';
export { SPIDER_RESERVED_IPS } from './spiderpool/spider-reserved-ip.ts';
export { spiderReservedIPSchema } from './spiderpool/spider-reserved-ip-schema.ts';
export type { SpiderSubnet, SpiderSubnetStatus } from './spiderpool/spider-subnet.ts';
export { SPIDER_SUBNETS } from './spiderpool/spider-subnet.ts';
export { spiderSubnetSchema } from './spiderpool/spider-subnet-schema.ts';
export type { StatefulSet } from './stateful-set.ts';
export { hasMember, STATEFUL_SETS } from './stateful-set.ts';
export type { Crd } from './to-crd.ts';
export { trimMeta } from './trim-meta.ts';
export { trimPod } from './trim-pod.ts';
export { VIEW_LABEL, VIEW_OF_CLAIMS } from './view-label.ts';
export type {
  FailurePolicy,
  MutatingWebhookConfiguration,
  Operation,
  ValidatingWebhookConfiguration,
  Webhook,
  WebhookClientConfig,
  WebhookRule,
  WebhookService,
} from './webhook-configuration.ts';
export { MUTATING_WEBHOOK_CONFIGURATIONS, VALIDATING_WEBHOOK_CONFIGURATIONS } from './webhook-configuration.ts';
export type { NodeSlice, NodeSlicePool } from './whereabouts/node-slice-pool.ts';
export { NODE_SLICE_POOLS } from './whereabouts/node-slice-pool.ts';
export { nodeSlicePoolSchema } from './whereabouts/node-slice-pool-schema.ts';
export type { OverlappingRangeIPReservation } from './whereabouts/overlapping-range-ip-reservation.ts';
export { OVERLAPPING_RANGE_IP_RESERVATIONS } from './whereabouts/overlapping-range-ip-reservation.ts';
export { overlappingRangeIPReservationSchema } from './whereabouts/overlapping-range-ip-reservation-schema.ts';
export type { WhereaboutsAllocation, WhereaboutsIPPool } from './whereabouts/whereabouts-ip-pool.ts';
export { WHEREABOUTS_IP_POOLS } from './whereabouts/whereabouts-ip-pool.ts';
export { whereaboutsIPPoolSchema } from './whereabouts/whereabouts-ip-pool-schema.ts';
