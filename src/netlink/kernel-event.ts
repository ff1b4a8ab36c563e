import { type AddressRecord, decodeAddress, RTM_DELADDR, RTM_NEWADDR } from './address.ts';
import type { LinkFact, RuleFact } from './fact.ts';
import { decodeLink, RTM_DELLINK, RTM_NEWLINK } from './link-message.ts';
import { NLM_F_REPLACE, type ReceivedMessage } from './message.ts';
import { decodeRoute, type RouteRecord, RTM_DELROUTE, RTM_NEWROUTE } from './route-message.ts';
import { decodeRule, RTM_DELRULE, RTM_NEWRULE } from './rule.ts';

/** News of one thing: it is now as told, or with `isGone`, it was like that and is no more. */
export type KernelEvent =
  | { readonly kind: 'link'; readonly isGone: boolean; readonly link: LinkFact }
  | { readonly kind: 'address'; readonly isGone: boolean; readonly address: AddressRecord }
  /** `isReplace`: one or more routes with the same destination, table and metric have gone for it. */
  | { readonly kind: 'route'; readonly isGone: boolean; readonly isReplace: boolean; readonly route: RouteRecord }
  | { readonly kind: 'rule'; readonly isGone: boolean; readonly rule: RuleFact };

/** Decodes a notification; undefined for everything that the lists of this room leave out as well. */
export function decodeEvent(buffer: Buffer, message: ReceivedMessage): KernelEvent | undefined {
  const { type, start, end } = message;
  switch (type) {
    case RTM_NEWLINK:
    case RTM_DELLINK: {
      const link = decodeLink(buffer, start, end);
      return link && { kind: 'link', isGone: type === RTM_DELLINK, link };
    }
    case RTM_NEWADDR:
    case RTM_DELADDR: {
      const address = decodeAddress(buffer, start, end);
      return address && { kind: 'address', isGone: type === RTM_DELADDR, address };
    }
    case RTM_NEWROUTE:
    case RTM_DELROUTE: {
      const route = decodeRoute(buffer, start, end);
      return (
        route && {
          kind: 'route',
          isGone: type === RTM_DELROUTE,
          isReplace: (message.flags & NLM_F_REPLACE) !== 0,
          route,
        }
      );
    }
    case RTM_NEWRULE:
    case RTM_DELRULE: {
      const rule = decodeRule(buffer, start, end);
      return rule && { kind: 'rule', isGone: type === RTM_DELRULE, rule };
    }
    default:
      return undefined;
  }
}
