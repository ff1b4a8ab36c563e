import { type KubeObject, type ObjectProblem, problemsOf, type Resource } from '#api';
import type { JsonObject } from '#cni';
import type { KnownObjects } from '../known-objects.ts';
import { unknownAnnotations } from './unknown-annotations.ts';

/** What objects of one kind must be like, beyond what any API server makes sure of. Pure. */
export interface ObjectRule {
  readonly resource: Resource;
  /** Written by us alone, as long as nobody interferes: not reviewed at every write. */
  readonly isView?: true;
  /** Kinds that objects are held against. */
  readonly against: readonly Resource[];
  /** Whether its fields are of the types that everything else here takes for granted. */
  isOfType(object: KubeObject): boolean;
  /** An object as it is to be. */
  check(object: JsonObject, known: KnownObjects): readonly ObjectProblem[];
  /** What of it may not follow on how it was. */
  readonly checkChange?: (object: KubeObject, old: KubeObject, known: KnownObjects) => readonly ObjectProblem[];
  /** Why it has to stay. */
  readonly checkRemoval?: (object: KubeObject, known: KnownObjects) => readonly ObjectProblem[];
  /** The object with what may be left out. One that is wrong comes back as it is. */
  readonly complete?: (object: KubeObject, known: KnownObjects) => KubeObject;
}

/** The same for one type of object, and for what uses one. */
export interface RuleSource<T extends KubeObject, User> {
  readonly resource: Resource<T>;
  readonly schema: () => Schema<T>;
  readonly against?: readonly Resource[];
  /** Annotations of ours that are read on it. */
  readonly annotations?: readonly string[];
  readonly check?: (object: T, known: KnownObjects) => readonly ObjectProblem[];
  /** What may keep an object as it is. */
  readonly usersOf?: (object: T, known: KnownObjects) => readonly User[];
  /** @param users of the object as it was */
  readonly checkChange?: (object: T, old: T, users: readonly User[]) => readonly ObjectProblem[];
  readonly checkRemoval?: (object: T, users: readonly User[]) => readonly ObjectProblem[];
  readonly complete?: (object: T, known: KnownObjects) => T;
}

/** As far as it is needed here. */
interface Schema<T> {
  safeParse(
    value: unknown,
    params: { readonly reportInput: true },
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: Parameters<typeof problemsOf>[0] };
}

/** An object that is not of its type has that as its problem, and nothing else is asked of it. */
export function objectRule<T extends KubeObject, User>(source: RuleSource<T, User>): ObjectRule {
  const { resource, against = [], usersOf = () => [], checkChange, checkRemoval, complete } = source;
  const parse = (object: unknown): ReturnType<Schema<T>['safeParse']> =>
    source.schema().safeParse(object, { reportInput: true });
  return {
    resource,
    against,
    isOfType: object => parse(object).success,
    check(object, known) {
      const parsed = parse(object);
      if (!parsed.success) return problemsOf(parsed.error);
      return [
        ...(source.check?.(parsed.data, known) ?? []),
        ...unknownAnnotations(parsed.data.metadata, source.annotations ?? []),
      ];
    },
    ...(checkChange === undefined
      ? {}
      : {
          checkChange(object, old, known) {
            const [now, before] = [parse(object), parse(old)];
            if (!now.success || !before.success) return [];
            return checkChange(now.data, before.data, usersOf(before.data, known));
          },
        }),
    ...(checkRemoval === undefined
      ? {}
      : {
          checkRemoval(object, known) {
            const parsed = parse(object);
            // What was never of its type is in nobody's use.
            return parsed.success ? checkRemoval(parsed.data, usersOf(parsed.data, known)) : [];
          },
        }),
    ...(complete === undefined
      ? {}
      : {
          complete(object, known) {
            const parsed = parse(object);
            // Not what was parsed: that lacks the fields that the schema does not know.
            return parsed.success ? complete(object as T, known) : object;
          },
        }),
  };
}
