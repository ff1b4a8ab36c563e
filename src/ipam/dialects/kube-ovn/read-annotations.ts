import type { KubeObject } from '#api';
import { MAC_EXPECTED, readMac } from '#ip';
import { IpamError } from '../../errors.ts';
import { describe, readAsk, readAskedFamily, wrong } from './asked-of-subnet.ts';
import { isOvnProvider } from './is-ovn-provider.ts';
import type { Annotation, PodAnnotations } from './pod-annotations.ts';
import { routesOfPod } from './routes-of-pod.ts';

/** What cannot be read of an object's annotations. */
export interface AnnotationReading {
  /** Each a sentence by itself. */
  readonly problems: readonly { readonly key: string; readonly message: string }[];
  /** IPPools that are named. */
  readonly pools: readonly { readonly key: string; readonly name: string }[];
}

/** `<provider>.kubernetes.io/<field>`, for one interface with its name at the end. */
const KEY =
  /^(?<provider>.+)\.kubernetes\.io\/(?<field>ip_address|ip_pool|ip_family|mac_address|routes|default_route)(\.[^.]+)?$/;

/** Reads what a pod, or what makes pods, asks of Kube-OVN's Subnets, but for OVN networks: those are Kube-OVN's own. */
export function readAnnotations(
  annotations: NonNullable<KubeObject['metadata']['annotations']>,
  pod: { readonly namespace: string; readonly name: string },
): AnnotationReading {
  const problems: { readonly key: string; readonly message: string }[] = [];
  const pools: { readonly key: string; readonly name: string }[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    const { provider, field = '' } = KEY.exec(key)?.groups ?? {};
    const text = value.trim();
    if (provider === undefined || isOvnProvider(provider) || text === '') continue;
    try {
      for (const name of readField(field, { key, text }, pod)) pools.push({ key, name });
    } catch (error) {
      if (!(error instanceof IpamError)) throw error;
      problems.push({ key, message: error.message });
    }
  }
  return { problems, pools };
}

/** The IPPools that it names. @throws IpamError BAD_ANNOTATION */
function readField(
  field: string,
  annotation: Annotation,
  metadata: { readonly namespace: string; readonly name: string },
): readonly string[] {
  const alone: PodAnnotations = { find: key => (key === field ? annotation : undefined) };
  const pod = { metadata, spec: {} };
  if (field === 'mac_address') {
    if (readMac(annotation.text) === undefined)
      throw wrong(describe(annotation, metadata), annotation.text, MAC_EXPECTED);
    return [];
  }
  readAskedFamily(alone, pod);
  routesOfPod(alone, [], { pod, interface: { name: '' } });
  const ask = readAsk(alone, { asked: { ips: [] }, pod });
  return ask.kind === 'pools' ? ask.names : [];
}
