/** Languages that the picture of the rooms is made in. */
export type Language = 'en' | 'zh';

/** What each room holds, in the few words that fit into the picture. */
export const ROOM_WORDS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  cli: { en: 'the underlane command', zh: '命令行' },
  sandbox: { en: 'a cluster to try it on', zh: '本机试用集群' },
  agent: { en: 'the daemon on each node', zh: '节点守护进程' },
  controller: { en: 'the loops of the cluster', zh: '集群控制器' },
  certificates: { en: 'certificates of our servers', zh: '服务端证书' },
  health: { en: 'health checks and metrics', zh: '健康检查与指标' },
  install: { en: 'putting it on a node', zh: '在节点上安装' },
  attach: { en: 'ADD DEL CHECK GC STATUS, journal', zh: 'ADD DEL CHECK GC STATUS 与日志' },
  shim: { en: 'the shim in JavaScript', zh: 'shim 的 JavaScript 版本' },
  plugins: { en: 'one folder for each kind of NIC', zh: '每种网卡一个目录' },
  ipam: { en: 'choosing and claiming addresses', zh: '选择并占用 IP 地址' },
  networks: { en: 'annotations, NADs, network-status', zh: '注解、NAD、network-status' },
  devices: { en: 'what device plugins gave to a pod', zh: '设备插件分给 Pod 的设备' },
  wiring: { en: 'what the kernel should say', zh: '内核应有的状态' },
  probe: { en: 'what the neighbours say', zh: '向邻居探测与通告' },
  facts: { en: 'what the kernel says', zh: '内核现有的状态' },
  netlink: { en: 'messages to the kernel', zh: '与内核的消息' },
  netns: { en: 'entering network namespaces', zh: '进入网络命名空间' },
  sys: { en: 'the few system calls', zh: '少数系统调用' },
  cni: { en: 'the protocol', zh: 'CNI 协议' },
  wire: { en: 'framing between shim and agent', zh: 'shim 与 agent 之间的帧' },
  kube: { en: 'API client, watch caches', zh: 'API 客户端与 watch 缓存' },
  api: { en: 'objects and their schemas', zh: '对象与 schema' },
  ip: { en: 'addresses, prefixes, ranges', zh: '地址、前缀、地址段' },
  base: { en: 'errors, log, clock, queue', zh: '错误、日志、时钟、队列' },
};
