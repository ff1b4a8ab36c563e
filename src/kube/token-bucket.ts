/** Limits how often something may happen, for each key on its own. */
export interface TokenBuckets {
  /** Takes a token of `key` if there is one. */
  take(key: string, now: number): boolean;
}

export interface TokenBucketOptions {
  /** Tokens that a new or rested key has. */
  readonly burst: number;
  /** Time in which a key gets one token back. */
  readonly refillMs: number;
  /** Keys remembered; the one unused for longest is forgotten first, and is full again when it comes back. */
  readonly keyLimit: number;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** Buckets that are all full. */
export function createTokenBuckets({ burst, refillMs, keyLimit }: TokenBucketOptions): TokenBuckets {
  const buckets = new Map<string, Bucket>();
  return {
    take(key, now) {
      const { tokens, at } = buckets.get(key) ?? { tokens: burst, at: now };
      const available = Math.min(burst, tokens + Math.max(0, now - at) / refillMs);
      const isAllowed = available >= 1;
      buckets.delete(key); // so that a Map's order of insertion is the order of use
      buckets.set(key, { tokens: isAllowed ? available - 1 : available, at: now });
      const [oldest] = buckets.keys();
      if (buckets.size > keyLimit && oldest !== undefined) buckets.delete(oldest);
      return isAllowed;
    },
  };
}
