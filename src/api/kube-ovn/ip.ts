import type { KubeObject, Resource } from '../object.ts';

/** A Kube-OVN IP: which addresses one interface of one pod has. Named `<pod>.<namespace>.<provider>`. */
export interface KubeOvnIP extends KubeObject {
  readonly spec: KubeOvnIPSpec;
}

/** What is empty may be left out. */
export interface KubeOvnIPSpec {
  /** The virtual machine's name for a pod of KubeVirt. */
  readonly podName: string;
  readonly namespace: string;
  readonly nodeName: string;
  readonly subnet: string;
  readonly v4IpAddress?: string;
  readonly v6IpAddress?: string;
  /** Both, comma-separated. */
  readonly ipAddress?: string;
  /** Empty where another CNI makes the interface. */
  readonly macAddress?: string;
  /** `StatefulSet` or `VirtualMachine` where the addresses outlive the pod. */
  readonly podType?: string;
  /** Always empty; old clients want them. */
  readonly attachIps?: readonly string[];
  readonly attachMacs?: readonly string[];
  readonly attachSubnets?: readonly string[];
  readonly containerID?: string;
}

export const KUBE_OVN_IPS: Resource<KubeOvnIP> = {
  group: 'kubeovn.io',
  version: 'v1',
  plural: 'ips',
  kind: 'IP',
  isNamespaced: false,
};
