import type { ApiObject } from '../api-object.ts';
import type { JsonObject } from '../json.ts';
import { isJsonObject, listAt, textAt } from '../json.ts';
import { selects } from '../label-selector.ts';
import type { ObjectStore } from '../object-store.ts';
import { apiVersionOf } from '../served-resource.ts';
import type { Attributes } from './attributes.ts';
import { WEBHOOK_GROUP } from './webhook-resources.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * The webhooks of one kind of configuration that are to be asked, in the order of the configurations' names. Rules are held against the
 * resource as it was requested, in the version that was requested: as `matchPolicy: Exact` does it.
 */
export function findWebhooks(
  store: ObjectStore,
  plural: string,
  attributes: Attributes,
  object: ApiObject | undefined,
): readonly JsonObject[] {
  // Else nobody could take back a webhook that refuses everything.
  if (attributes.resource.group === WEBHOOK_GROUP) return [];
  return store
    .list(`${WEBHOOK_GROUP}/${plural}`)
    .flatMap(configuration => listAt(configuration, 'webhooks').filter(isJsonObject))
    .filter(
      webhook =>
        listAt(webhook, 'rules').some(rule => covers(rule, attributes)) &&
        selects(webhook['namespaceSelector'], namespaceLabels(store, attributes, object)) &&
        [object, attributes.previous].some(
          candidate => candidate !== undefined && selects(webhook['objectSelector'], labelsOf(candidate)),
        ),
    );
}

function covers(rule: unknown, { operation, resource, subresource, namespace }: Attributes): boolean {
  const has = (field: string, value: string): boolean => {
    const values = listAt(rule, field);
    return values.includes('*') || values.includes(value);
  };
  const scope = textAt(rule, 'scope');
  const isInScope = scope === '*' || scope === '' || (scope === 'Namespaced') === (namespace !== undefined);
  return (
    isInScope &&
    has('apiGroups', resource.group) &&
    has('apiVersions', resource.version) &&
    has('operations', operation) &&
    listAt(rule, 'resources').some(pattern => coversResource(String(pattern), resource.plural, subresource))
  );
}

/** `pods`, `pods/status`, `pods/*`, `*` (no subresource), `*` + `/status`, `*` + `/*`. */
function coversResource(pattern: string, plural: string, subresource = ''): boolean {
  const [wanted = '', part = ''] = pattern.split('/');
  return (wanted === '*' || wanted === plural) && (part === '*' || part === subresource);
}

/** Of a namespace itself its own; what has no namespace is selected always. */
function namespaceLabels(
  store: ObjectStore,
  { resource, namespace, previous }: Attributes,
  object?: ApiObject,
): Labels {
  if (apiVersionOf(resource) === 'v1' && resource.plural === 'namespaces') return labelsOf(object ?? previous);
  const owner = namespace === undefined ? undefined : store.find('/namespaces', undefined, namespace);
  return labelsOf(owner);
}

function labelsOf(object: ApiObject | undefined): Labels {
  return object?.metadata.labels ?? {};
}
