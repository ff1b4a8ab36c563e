import type { ResourceRules } from './served-resource.ts';

/** Rules of kinds that hold data alone. */
export const PLAIN: ResourceRules = { nameRule: 'subdomain', statusKeepsMetadata: true };
/** Rules of kinds whose controllers tell by `observedGeneration` how far they are. */
export const SPECIFIED: ResourceRules = { ...PLAIN, hasGeneration: true };
