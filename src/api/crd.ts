import { ATTACHMENT_POLICIES } from './attachment-policy.ts';
import { attachmentPolicySchema } from './attachment-policy-schema.ts';
import { IP_ALLOCATIONS } from './ip-allocation.ts';
import { ipAllocationSchema } from './ip-allocation-schema.ts';
import { IPAM_CLAIMS } from './ipam-claim.ts';
import { ipamClaimSchema } from './ipam-claim-schema.ts';
import { listKubeOvnCrds } from './kube-ovn/crds.ts';
import { NETWORK_ATTACHMENT_DEFINITIONS } from './network-attachment-definition.ts';
import { networkAttachmentDefinitionSchema } from './network-attachment-definition-schema.ts';
import { AGE_COLUMN, column } from './printer-column.ts';
import { listSpiderpoolCrds } from './spiderpool/crds.ts';
import { type Crd, toCrd } from './to-crd.ts';
import { listWhereaboutsCrds } from './whereabouts/crds.ts';

/** The definitions that a cluster needs before Underlane starts, made from the schemas. */
export function listCrds(): readonly Crd[] {
  return [
    toCrd({
      resource: IP_ALLOCATIONS,
      singular: 'ipallocation',
      shortNames: ['ipa'],
      description:
        'One address held by one attachment of one pod. The name is the lock: who created the object has the address.',
      schema: ipAllocationSchema,
      columns: [
        column('Address', '.spec.address'),
        // A column shows one field: the API server joins no two.
        column('Pod Namespace', '.spec.owner.podNamespace'),
        column('Pod', '.spec.owner.podName'),
        column('Network', '.spec.owner.network'),
        column('Interface', '.spec.owner.interface'),
        column('Node', '.spec.node'),
        AGE_COLUMN,
      ],
    }),
    toCrd({
      resource: ATTACHMENT_POLICIES,
      singular: 'attachmentpolicy',
      shortNames: ['attp'],
      description:
        "What the NetworkAttachmentDefinitions of some namespaces may ask of a node: plugins, and the node's interfaces.",
      schema: attachmentPolicySchema,
      columns: [
        column('Namespaces', '.spec.namespaces'),
        column('Types', '.spec.types'),
        column('Masters', '.spec.masters'),
        AGE_COLUMN,
      ],
    }),
    toCrd({
      resource: NETWORK_ATTACHMENT_DEFINITIONS,
      singular: 'network-attachment-definition',
      shortNames: ['net-attach-def', 'nad'],
      description:
        "A network that pods can be attached to, as the Network Plumbing Working Group's standard defines it.",
      schema: networkAttachmentDefinitionSchema,
      columns: [],
    }),
    toCrd({
      resource: IPAM_CLAIMS,
      singular: 'ipamclaim',
      shortNames: [],
      description:
        'Addresses that are kept from one pod to the next one that refers to this object, until it is deleted.',
      schema: ipamClaimSchema,
      hasStatus: true,
      columns: [
        column('Network', '.spec.network'),
        column('Interface', '.spec.interface'),
        column('IPs', '.status.ips'),
        column('Pod', '.status.ownerPod'),
        AGE_COLUMN,
      ],
    }),
    ...listKubeOvnCrds(),
    ...listSpiderpoolCrds(),
    ...listWhereaboutsCrds(),
  ];
}
