/** What the user of `underlane sandbox` chose. */
export interface SandboxOptions {
  /** End after the checks. */
  readonly once: boolean;
  /** One line of JSON on stdout instead of a table. */
  readonly json: boolean;
  /** Apply the example manifests and check them; otherwise an empty cluster starts. */
  readonly examples: boolean;
  /** Leave IPv6 out, as on a kernel without it. */
  readonly ipv4Only: boolean;
  /** Name of the NetworkAttachmentDefinition in kube-system that makes every pod's first NIC. @default a bridge of the node's own */
  readonly clusterNetwork?: string;
}

/** What the supervisor tells the sandbox's first process. */
export interface InnerOptions extends SandboxOptions {
  readonly id: string;
  readonly stateDir: string;
  /** On 127.0.0.1 of the machine: where the inherited listener is bound. */
  readonly port: number;
}
