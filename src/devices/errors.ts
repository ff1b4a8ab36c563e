import { UnderlaneError } from '#base';

/** Codes of this room. */
export type DevicesErrorCode =
  /** Neither kubelet nor its checkpoint file tells which devices a pod has. Cure: see why, as the message says; check --kubelet-dir. */
  | 'DEVICES_UNKNOWN'
  /** kubelet's answer or its checkpoint file has another form than expected. Cure: report it with kubelet's version. */
  | 'DEVICES_FORMAT'
  /** A pod has fewer devices of a resource than its networks need. Cure: request one for each network in the pod's resources. */
  | 'DEVICES_EXHAUSTED'
  /** A pod asks for a device by ID that it was not given, or that another of its networks has. Cure: correct deviceID, or leave it out. */
  | 'DEVICE_NOT_GIVEN'
  /** A device-info file is none, or cannot be read or written. Cure: look at the device plugin that wrote it. */
  | 'DEVICE_INFO';

/** What device plugins gave to a pod cannot be known, or is not what its networks need. */
export class DevicesError extends UnderlaneError {
  declare readonly code: DevicesErrorCode;

  constructor(code: DevicesErrorCode, message: string, options: ConstructorParameters<typeof UnderlaneError>[2] = {}) {
    super(code, message, options);
  }
}
