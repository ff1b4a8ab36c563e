/** What the kernel gives a new bridge and both ends of a new pair. */
const ETHERNET_MTU = 1500;

/** Bytes: as configured, where 0 leaves it to the kernel. */
export function ethernetMtu(configured: number): number {
  return configured === 0 ? ETHERNET_MTU : configured;
}
