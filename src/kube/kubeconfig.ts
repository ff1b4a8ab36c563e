import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeWrongValue, isJsonObject, messageOf } from '#base';
import { KubeconfigError } from './errors.ts';

/** Where the API server is and how to be believed there. PEM texts, not file names, except for the token file. */
export interface Kubeconfig {
  /** `https://10.0.0.1:6443`, without a slash at the end. */
  readonly server: string;
  readonly ca?: string;
  readonly isTlsVerified: boolean;
  /** Name to expect in the server's certificate instead of the URL's host. */
  readonly tlsServerName?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly token?: string;
  /** Read again while in use: bound service account tokens change every hour. */
  readonly tokenFile?: string;
  /** Namespace of the context; `default` when it names none. */
  readonly namespace: string;
}

export interface KubeconfigSources {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default /var/run/secrets/kubernetes.io/serviceaccount */
  readonly serviceAccountDir?: string;
}

/**
 * Reads a kubeconfig file's current context or, without a path, the service account that Kubernetes mounts into pods.
 *
 * @throws KubeconfigError UNREADABLE (a file), INVALID (names file and field), NOT_IN_CLUSTER (no path, and this is no pod)
 */
export async function loadKubeconfig(path: string | undefined, sources: KubeconfigSources = {}): Promise<Kubeconfig> {
  return path === undefined ? loadInCluster(sources) : parseKubeconfig(readText(path), path);
}

function loadInCluster(sources: KubeconfigSources): Kubeconfig {
  const env = sources.env ?? process.env;
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) {
    throw new KubeconfigError(
      'NOT_IN_CLUSTER',
      'Cannot find an API server: no kubeconfig was given, and KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set as they are in a pod',
    );
  }
  const dir = sources.serviceAccountDir ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: readText(`${dir}/ca.crt`),
    isTlsVerified: true,
    tokenFile: `${dir}/token`,
    namespace: readText(`${dir}/namespace`).trim(),
  };
}

/** Reads a kubeconfig's text; `path` names it in errors and is where its relative file names start. */
export async function parseKubeconfig(text: string, path: string): Promise<Kubeconfig> {
  const file: File = { path, root: await parseRoot(text, path) };
  const contextName =
    stringAt(file, file.root, 'current-context', 'current-context') ??
    fail(path, 'current-context', undefined, 'a context name');
  const context = named(file, 'contexts', 'context', contextName);
  const clusterName =
    stringAt(file, context.value, 'cluster', `${context.at}.cluster`) ??
    fail(path, `${context.at}.cluster`, undefined, 'a cluster name');
  const cluster = named(file, 'clusters', 'cluster', clusterName);
  const userName = stringAt(file, context.value, 'user', `${context.at}.user`);
  const user = userName === undefined || userName === '' ? undefined : named(file, 'users', 'user', userName);
  const namespace = stringAt(file, context.value, 'namespace', `${context.at}.namespace`);
  return {
    ...parseCluster(file, cluster),
    ...(user === undefined ? {} : parseUser(file, user)),
    namespace: namespace || 'default',
  };
}

interface File {
  readonly path: string;
  readonly root: Fields;
}

interface Section {
  readonly value: Fields;
  /** Its place in the file: `clusters["lab"].cluster`. */
  readonly at: string;
}

type Fields = Readonly<Record<string, unknown>>;

function parseCluster(file: File, { value, at }: Section): Omit<Kubeconfig, 'namespace'> {
  const server = stringAt(file, value, 'server', `${at}.server`);
  if (server === undefined || !/^https?:\/\/[^/]/.test(server) || !URL.canParse(server)) {
    return fail(file.path, `${at}.server`, server, 'a http or https URL');
  }
  const ca = pemAt(file, value, 'certificate-authority', at);
  const insecure = value['insecure-skip-tls-verify'] ?? false;
  if (typeof insecure !== 'boolean') fail(file.path, `${at}.insecure-skip-tls-verify`, insecure, 'true or false');
  const serverName = stringAt(file, value, 'tls-server-name', `${at}.tls-server-name`);
  return {
    server: server.replace(/\/+$/, ''),
    isTlsVerified: !insecure,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName ? { tlsServerName: serverName } : {}),
  };
}

function parseUser(file: File, { value, at }: Section): Partial<Kubeconfig> {
  for (const key of ['exec', 'auth-provider', 'username']) {
    if (value[key] !== undefined && value[key] !== null) {
      fail(
        file.path,
        `${at}.${key}`,
        undefined,
        'absent: token, tokenFile and client certificates are what is supported',
      );
    }
  }
  const token = stringAt(file, value, 'token', `${at}.token`);
  const tokenFile = stringAt(file, value, 'tokenFile', `${at}.tokenFile`);
  const clientCertificate = pemAt(file, value, 'client-certificate', at);
  const clientKey = pemAt(file, value, 'client-key', at);
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    fail(file.path, at, undefined, 'client-certificate and client-key, both or none');
  }
  return {
    ...(token ? { token } : {}),
    ...(tokenFile ? { tokenFile: resolve(dirname(file.path), tokenFile) } : {}),
    ...(clientCertificate === undefined || clientKey === undefined ? {} : { clientCertificate, clientKey }),
  };
}

/** `KEY-data` (base64) wins over `KEY` (a file name), as in kubectl. */
function pemAt(file: File, fields: Fields, key: string, at: string): string | undefined {
  const data = stringAt(file, fields, `${key}-data`, `${at}.${key}-data`);
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  const name = stringAt(file, fields, key, `${at}.${key}`);
  return name ? readText(resolve(dirname(file.path), name)) : undefined;
}

/** The entry of a kubeconfig list (`clusters`, `contexts`, `users`) that has this name. */
function named(file: File, list: string, key: string, name: string): Section {
  const entries = file.root[list];
  const entry = Array.isArray(entries) ? entries.find(item => isJsonObject(item) && item['name'] === name) : undefined;
  const value: unknown = isJsonObject(entry) ? entry[key] : undefined;
  const at = `${list}["${name}"].${key}`;
  return isJsonObject(value) ? { value, at } : fail(file.path, at, undefined, 'an entry of this name');
}

function stringAt(file: File, fields: Fields, key: string, at: string): string | undefined {
  const value = fields[key];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : fail(file.path, at, value, 'a string');
}

async function parseRoot(text: string, path: string): Promise<Fields> {
  // Only here: in a pod nothing of YAML is read.
  const { load: parseYaml } = await import('js-yaml');
  let root: unknown;
  try {
    root = parseYaml(text);
  } catch (cause) {
    throw new KubeconfigError(
      'INVALID',
      `Cannot read kubeconfig "${path}": not YAML: ${messageOf(cause).split('\n')[0]}`,
      { cause },
    );
  }
  return isJsonObject(root) ? root : fail(path, 'top level', undefined, 'a map of fields');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new KubeconfigError('UNREADABLE', `Cannot read "${path}": ${messageOf(cause)}`, { cause });
  }
}

function fail(path: string, at: string, value: unknown, expected: string): never {
  const doing = `use kubeconfig "${path}"`;
  // Many values in there are secrets.
  const problem =
    value === undefined
      ? `Cannot ${doing}: ${at} is wrong, expected ${expected}`
      : describeWrongValue({ doing, field: at, value, expected });
  throw new KubeconfigError('INVALID', problem);
}
