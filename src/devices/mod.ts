/** Devices that device plugins gave to a pod: asked of kubelet, handed out to its networks, and told of in files. */
export type { DeviceInfo } from './device-info.ts';
export {
  copyDeviceInfo,
  DEVICE_INFO_DIR,
  deviceInfoOfAttachment,
  deviceInfoOfPlugin,
  readDeviceInfo,
  removeDeviceInfo,
} from './device-info-files.ts';
export type { DevicesErrorCode } from './errors.ts';
export { DevicesError } from './errors.ts';
export type { DeviceRequest } from './hand-out-devices.ts';
export { handOutDevices } from './hand-out-devices.ts';
export type { DevicePod, KubeletDevices } from './kubelet-devices.ts';
export { createKubeletDevices, KUBELET_DIR } from './kubelet-devices.ts';
