import { type Attribute, forEachAttribute, u8 } from './attribute.ts';
import type { BridgePortFact } from './fact.ts';

/** A bridge's say about one of its ports: IFLA_INFO_SLAVE_DATA. */
export interface BridgePort {
  /** A frame may leave by the port that it came in by. */
  readonly isHairpin?: boolean;
  /** Reaches no other isolated port. */
  readonly isIsolated?: boolean;
}

const IFLA_BRPORT_MODE = 4;
const IFLA_BRPORT_ISOLATED = 33;

export function encodeBridgePort(port: BridgePort): Attribute[] {
  return [
    ...(port.isHairpin === undefined ? [] : [u8(IFLA_BRPORT_MODE, port.isHairpin ? 1 : 0)]),
    ...(port.isIsolated === undefined ? [] : [u8(IFLA_BRPORT_ISOLATED, port.isIsolated ? 1 : 0)]),
  ];
}

/** Reads IFLA_INFO_SLAVE_DATA of a bridge's port: only what is switched on. */
export function decodeBridgePort(buffer: Buffer, start: number, end: number): BridgePortFact {
  const fact: { -readonly [Key in keyof BridgePortFact]: BridgePortFact[Key] } = {};
  forEachAttribute(buffer, start, end, (type, from) => {
    if (type === IFLA_BRPORT_MODE && buffer.readUInt8(from) !== 0) fact.isHairpin = true;
    if (type === IFLA_BRPORT_ISOLATED && buffer.readUInt8(from) !== 0) fact.isIsolated = true;
  });
  return fact;
}
