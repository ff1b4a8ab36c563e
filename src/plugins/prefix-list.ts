import { messageOf } from '#base';
import { formatPrefix, parsePrefix } from '#ip';
import { configFault } from './parse-config.ts';

/**
 * CIDRs of a config in canonical text, without host bits.
 * @throws ConfigError naming the field and the index of the one that is not a CIDR
 */
export function parsePrefixList(type: string, field: string, texts: readonly string[]): readonly string[] {
  return texts.map((text, index) => {
    try {
      return formatPrefix(parsePrefix(text.trim()));
    } catch (error) {
      throw configFault(type, `${field}[${index}]`, text, `a CIDR such as "10.96.0.0/12" (${messageOf(error)})`);
    }
  });
}
