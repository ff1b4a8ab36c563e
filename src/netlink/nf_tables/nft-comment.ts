import { NetlinkError } from '../errors.ts';

/** NFTNL_UDATA_RULE_COMMENT: what `nft` shows behind `comment`. */
const RULE_COMMENT = 0;

/** NFTNL_UDATA_COMMENT_MAXLEN, its NUL included. */
const NFT_COMMENT_MAX_BYTES = 127;

/** A rule's user data: u8 type, u8 length, then a NUL-terminated text. @throws NetlinkError with code "EINVAL" when it is too long for `nft` */
export function encodeComment(comment: string): Uint8Array {
  const text = Buffer.from(`${comment}\0`);
  if (text.length > NFT_COMMENT_MAX_BYTES + 1 || comment.includes('\0')) {
    const reason = `expected at most ${NFT_COMMENT_MAX_BYTES} bytes without NUL`;
    throw new NetlinkError(`encode comment ${JSON.stringify(comment)}`, 'EINVAL', reason);
  }
  return Buffer.concat([Buffer.of(RULE_COMMENT, text.length), text]);
}

/** The comment among a rule's user data, if there is one. */
export function decodeComment(userData: Buffer): string | undefined {
  for (let at = 0; at + 2 <= userData.length; ) {
    const type = userData.readUInt8(at);
    const end = at + 2 + userData.readUInt8(at + 1);
    if (type === RULE_COMMENT) return userData.toString('utf8', at + 2, end).replace(/\0+$/, '');
    at = end;
  }
  return undefined;
}
