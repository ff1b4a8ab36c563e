import * as z from 'zod/mini';

/** 4095 is reserved (IEEE 802.1Q, 9.6). */
const MAX_VLAN_ID = 4094;

/** Schema of a VLAN's number. */
export const vlanId = (least = 0) => {
  const error = `a whole number from ${least} to ${MAX_VLAN_ID}`;
  return z.int({ error }).check(z.gte(least, { error }), z.lte(MAX_VLAN_ID, { error }));
};
