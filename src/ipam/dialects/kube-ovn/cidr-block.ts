import { type ObjectProblem, wrongField } from '#api';
import { contains, findPrefix, type Prefix } from '#ip';

/** The prefixes of `cidrBlock`, at most one of each family. What is wrong with them goes into `problems`. */
export function readCidrBlock(text: string | undefined, problems: ObjectProblem[]): readonly Prefix[] {
  const path = ['spec', 'cidrBlock'];
  const expected = 'a prefix like 10.0.0.0/16, or one of each family with a comma between them';
  if (text === undefined || text === '') {
    problems.push(wrongField(path, text, expected));
    return [];
  }
  const prefixes: Prefix[] = [];
  for (const part of splitPair(text)) {
    const prefix = findPrefix(part);
    const wrong = prefix === undefined ? expected : whyNoNetwork(prefix);
    if (wrong !== undefined || prefix === undefined) problems.push(wrongField(path, text, wrong ?? expected));
    else if (prefixes.some(({ family }) => family === prefix.family)) {
      problems.push(wrongField(path, text, `at most one prefix of IPv${prefix.family}`));
    } else prefixes.push(prefix);
  }
  return prefixes;
}

/** Addresses that no pod can have: RFC 1122 section 3.2.1.3, RFC 4291 section 2.4. */
const SPECIAL: readonly string[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/127',
  'fe80::/10',
  'ff00::/8',
];

function whyNoNetwork(prefix: Prefix): string | undefined {
  if (prefix.length === (prefix.family === 4 ? 32 : 128)) return 'a prefix of more than one address';
  const special = SPECIAL.find(text => {
    const other = findPrefix(text);
    return other !== undefined && (contains(other, prefix) || contains(prefix, other));
  });
  return special === undefined ? undefined : `a prefix of unicast addresses, outside ${special}`;
}

/** One text, or one of each family with a comma between them. */
export function splitPair(text: string): readonly string[] {
  return text.split(',').map(part => part.trim());
}
