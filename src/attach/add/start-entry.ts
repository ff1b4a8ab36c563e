import { randomBytes } from 'node:crypto';
import type { CniRequest } from '#cni';
import type { JournalEntry, RequestOrigin } from '../journal/entry.ts';
import { type AddRequest, netnsOf } from './add-request.ts';

/** What the journal has of a request before anything is done. */
export function startEntry(request: AddRequest): JournalEntry {
  return {
    format: 1,
    key: request.key,
    root: request.cni.config.name,
    netns: netnsOf(request),
    nonce: randomBytes(8).toString('hex'),
    state: 'adding',
    cniVersion: request.cni.config.cniVersion,
    attachments: request.plans.map(plan => ({
      network: plan.network.name,
      ifname: plan.ifname,
      leases: [],
      segments: [],
      ...(plan.nad === undefined ? {} : { nad: plan.nad }),
      ...(plan.network.disableCheck ? { disableCheck: true } : {}),
      ...(plan.selection === undefined ? {} : { selection: plan.selection }),
      ...(plan.isAuxiliary === true ? { isAuxiliary: true } : {}),
      ...(typeof plan.capabilityArgs['deviceID'] === 'string' ? { deviceId: plan.capabilityArgs['deviceID'] } : {}),
      ...(plan.devices.length === 0 ? {} : { devices: plan.devices }),
      ...(plan.deviceInfo === undefined ? {} : { deviceInfoFile: plan.deviceInfo.path }),
    })),
    ...(request.pod === undefined ? {} : { pod: request.pod }),
    ...(request.statusOf === undefined ? {} : { origin: originOf(request.cni) }),
    ...(request.parent === undefined ? {} : { parent: request.parent }),
    ...(request.binDir === undefined ? {} : { binDir: request.binDir }),
  };
}

/** Host ports and the like are for the interface that the runtime asked for. */
function originOf({ config, args }: CniRequest): RequestOrigin {
  const { runtimeConfig: _own, prevResult: _former, ...rest } = config.plugin;
  const { IP: _ip, MAC: _mac, GATEWAY: _gateway, ...pairs } = args.pairs;
  return { config: rest, args: pairs };
}
