/** Observed kernel state as plain data, and what plans read from it. */
export type {
  AddressFact,
  Facts,
  Family,
  LinkFact,
  MacvlanMode,
  NeighbourFact,
  NsFacts,
  RouteFact,
  RouteScope,
  RuleFact,
} from './facts.ts';
export { emptyNsFacts } from './facts.ts';
