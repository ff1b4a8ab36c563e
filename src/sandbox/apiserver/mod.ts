/** A small Kubernetes API server in memory, for the sandbox and for tests. It knows nothing of Underlane. */
export type { ApiServer, ApiServerOptions, ListenAddress } from './api-server.ts';
export { createApiServer } from './api-server.ts';
export type { ObjectStore, ObjectStoreOptions } from './object-store.ts';
export { createObjectStore } from './object-store.ts';
export type { CertificatePair } from './self-signed-certificate.ts';
export { createSelfSignedCertificate } from './self-signed-certificate.ts';
export type { KubeconfigFile } from './write-kubeconfig.ts';
export { writeKubeconfig } from './write-kubeconfig.ts';
