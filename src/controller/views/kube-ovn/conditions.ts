import type { KubeOvnCondition } from '#api';

/** What a condition is to say. An empty message is left out, as all empty text of these views: some builds of Kubernetes 1.20 refuse it. */
export type ConditionText = Pick<KubeOvnCondition, 'type' | 'status'> &
  Required<Pick<KubeOvnCondition, 'reason' | 'message'>>;

/**
 * An object's conditions with these in their place: one that says the same keeps its times, and those that are not ours to say
 * stay. undefined where nothing is new.
 */
export function withConditions(
  before: readonly KubeOvnCondition[],
  wanted: readonly ConditionText[],
  now: string,
): readonly KubeOvnCondition[] | undefined {
  const same = (known: KubeOvnCondition, text: ConditionText): boolean =>
    known.status === text.status && known.reason === text.reason && (known.message ?? '') === text.message;
  const isNew = wanted.some(text => !before.some(known => known.type === text.type && same(known, text)));
  if (!isNew) return undefined;
  const others = before.filter(({ type }) => !wanted.some(text => text.type === type));
  const ours = wanted.map((text): KubeOvnCondition => {
    const known = before.find(({ type }) => type === text.type);
    if (known !== undefined && same(known, text)) return known;
    const since = known?.status === text.status ? (known.lastTransitionTime ?? now) : now;
    const { message, ...rest } = text;
    return { ...rest, ...(message === '' ? {} : { message }), lastUpdateTime: now, lastTransitionTime: since };
  });
  return [...others, ...ours];
}

/** A moment as Kubernetes writes it. */
export function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
