/** Keys by which the pipeline's configuration decides about pods, all of them Multus' own. */
export const DECIDING_KEYS: readonly string[] = [
  'defaultNetworks',
  'systemNamespaces',
  'multusNamespace',
  'namespaceIsolation',
  'globalNamespaces',
  'readinessindicatorfile',
  'auxiliaryCNIChainName',
  'confDir',
];

/** Keys of the pipeline's configuration that do something, here or in the protocol. */
export const KNOWN_KEYS: ReadonlySet<string> = new Set([
  'cniVersion',
  'cniVersions',
  'name',
  'type',
  'capabilities',
  'runtimeConfig',
  'prevResult',
  'args',
  'disableCheck',
  'disableGC',
  'loadOnlyInlinedPlugins',
  'clusterNetwork',
  'delegates',
  'binDir',
  ...DECIDING_KEYS,
]);

const LOG = 'the agent logs to stderr, see its --log-level';

/** Keys of Multus that have nothing to do here, and why. */
export const IGNORED_KEYS: ReadonlyMap<string, string> = new Map([
  [
    'cniDir',
    "attachments are recorded in the agent's --state-dir, and those of Multus adopted from the agent's --multus-cni-dir",
  ],
  ['kubeconfig', 'the agent reaches the API server by its own --kubeconfig'],
  ['logLevel', LOG],
  ['logFile', LOG],
  ['logToStderr', LOG],
  ['logOptions', LOG],
  ['retryDeleteOnError', 'a DEL that fails is always kept and tried again'],
  ['daemonSocketDir', 'the program reaches the agent by UNDERLANE_SOCKET, else at /run/underlane/agent.sock'],
  ['allowTryDeleteOnErr', 'no version of Multus has read it; a DEL that fails is always kept and tried again'],
  ['cniConf', 'no version of Multus has read it, expected confDir'],
  ['dns', 'networks say it themselves'],
]);
