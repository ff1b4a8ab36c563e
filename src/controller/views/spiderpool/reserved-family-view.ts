import { SPIDER_RESERVED_IPS, type SpiderReservedIP } from '#api';
import { loadSpiderpoolObjects } from '#ipam';
import type { View } from '../view.ts';

/** The family of SpiderReservedIPs, where no webhook has filled it in. Claims do not show in them. */
export function spiderReservedFamilyView(): View<SpiderReservedIP> {
  return {
    resource: SPIDER_RESERVED_IPS,
    namesOf: () => [],
    async compare({ object }) {
      if (object === undefined || object.spec.ipVersion !== undefined) return { kind: 'none' };
      const { defaultSpiderReservedIP } = await loadSpiderpoolObjects();
      const { ipVersion } = defaultSpiderReservedIP(object).spec;
      return ipVersion === undefined ? { kind: 'none' } : { kind: 'patch', body: { spec: { ipVersion } } };
    },
  };
}
