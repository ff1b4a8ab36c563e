import type { Row } from './terminal.ts';

/**
 * Spiderpool's quick start for macvlan, word for word but for the name of the node's NIC, and for the network, which is what its own kind of
 * network makes.
 */
export const POOL = `
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata:
  name: ippool-test
spec:
  ips:
  - "172.18.30.131-172.18.30.140"
  subnet: 172.18.0.0/16
  gateway: 172.18.0.1
  multusName: 
  - kube-system/macvlan-conf
`;

export const NETWORK = `
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata:
  name: macvlan-conf
  namespace: kube-system
spec:
  config: |-
    {"cniVersion": "0.3.1", "name": "macvlan-conf", "plugins": [
      {"type": "macvlan", "master": "enp4s0f0np0", "mode": "bridge", "ipam": {"type": "spiderpool"}},
      {"type": "veth", "service_hijack_subnet": ["172.96.0.0/18"], "overlay_hijack_subnet": ["10.244.0.0/16"]}
    ]}
`;

export const APP = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: test-app
spec:
  replicas: 2
  selector:
    matchLabels:
      app: test-app
  template:
    metadata:
      annotations:
        ipam.spidernet.io/ippool: |-
          {
            "ipv4": ["ippool-test"]
          }
      labels:
        app: test-app
    spec:
      containers:
      - name: test-app
        image: nginx
        imagePullPolicy: IfNotPresent
        ports:
        - name: http
          containerPort: 80
          protocol: TCP
---
apiVersion: v1
kind: Service
metadata:
  name: test-app-svc
  labels:
    app: test-app
spec:
  type: ClusterIP
  ports:
    - port: 80
      protocol: TCP
      targetPort: 80
  selector:
    app: test-app 
`;

/** The addresses of the pool. */
export const RANGE = /^172\.18\.30\.1(3[1-9]|40)$/;

/** How the guide lists the pool before pods come. */
export const UNUSED: Row = {
  NAME: 'ippool-test',
  VERSION: '4',
  SUBNET: '172.18.0.0/16',
  'ALLOCATED-IP-COUNT': '0',
  'TOTAL-IP-COUNT': '10',
  DEFAULT: 'false',
};
