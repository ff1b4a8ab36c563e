/** Talking to a link's neighbours: whether an address is free and a gateway answers, and that a pod has come. */
export type { Announcement } from './announce-addresses.ts';
export { announceAddresses } from './announce-addresses.ts';
export { awaitCarrier } from './await-carrier.ts';
export type { ProbeOutcome, ProbeTarget } from './probe-addresses.ts';
export { probeAddresses } from './probe-addresses.ts';
