import { findIp, formatIp } from '#ip';
import type { AnnotationPlace } from './annotation-place.ts';
import { annotationError } from './annotation-place.ts';
import type { Bandwidth, PortMapping } from './network-selection.ts';

const DIRECTIONS = ['ingress', 'egress'] as const;
const BANDWIDTH_MEMBERS = DIRECTIONS.flatMap(way => [`${way}Rate`, `${way}Burst`]);
const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;
const MAX_PORT = 65_535;

/** Rates and bursts, each above zero; a burst only beside its rate. NPWG standard 1.3, 4.1.2.1.6. */
export function parseBandwidth(place: AnnotationPlace, field: string, value: unknown): Bandwidth {
  const given = parseObject(place, field, value);
  const bandwidth: Record<string, number> = {};
  for (const [member, amount] of Object.entries(given)) {
    if (amount === null) continue;
    if (!BANDWIDTH_MEMBERS.includes(member)) {
      throw annotationError(place, field, member, `only ${BANDWIDTH_MEMBERS.join(', ')}`);
    }
    if (!Number.isSafeInteger(amount) || Number(amount) < 1) {
      throw annotationError(place, `${field}.${member}`, amount, 'a whole number above 0');
    }
    bandwidth[member] = Number(amount);
  }
  for (const way of DIRECTIONS) {
    if (bandwidth[`${way}Burst`] !== undefined && bandwidth[`${way}Rate`] === undefined) {
      throw annotationError(place, `${field}.${way}Burst`, bandwidth[`${way}Burst`], `a "${way}Rate" beside it`);
    }
  }
  return bandwidth;
}

/** Ports of the node that lead to the pod's. NPWG standard 1.3, 4.1.2.1.5: TCP where no protocol is given. */
export function parsePortMappings(place: AnnotationPlace, field: string, value: unknown): readonly PortMapping[] {
  if (!Array.isArray(value)) throw annotationError(place, field, value, 'a list of port mappings');
  return value.map((item: unknown, index) => parsePortMapping(place, `${field}[${index}]`, item));
}

function parsePortMapping(place: AnnotationPlace, field: string, value: unknown): PortMapping {
  const { hostPort, containerPort, protocol = 'tcp', hostIP } = parseObject(place, field, value);
  const known = PROTOCOLS.find(name => typeof protocol === 'string' && protocol.toLowerCase() === name);
  if (known === undefined) throw annotationError(place, `${field}.protocol`, protocol, 'TCP, UDP or SCTP');
  return {
    hostPort: parsePort(place, `${field}.hostPort`, hostPort),
    containerPort: parsePort(place, `${field}.containerPort`, containerPort),
    protocol: known,
    ...(hostIP === undefined || hostIP === null || hostIP === ''
      ? {}
      : { hostIP: parseHostIp(place, `${field}.hostIP`, hostIP) }),
  };
}

function parsePort(place: AnnotationPlace, field: string, value: unknown): number {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_PORT) return Number(value);
  throw annotationError(place, field, value, `a port from 1 to ${MAX_PORT}`);
}

function parseHostIp(place: AnnotationPlace, field: string, value: unknown): string {
  const ip = typeof value === 'string' ? findIp(value.trim()) : undefined;
  if (ip !== undefined) return formatIp(ip);
  throw annotationError(place, field, value, 'an address of the node such as "192.0.2.7"');
}

function parseObject(place: AnnotationPlace, field: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw annotationError(place, field, value, 'an object');
}
