import { AGE_COLUMN, computed, NAME_COLUMN } from '../column.ts';
import { defineResource } from '../define-resource.ts';
import type { JsonObject } from '../json.ts';
import { isJsonObject, listAt, objectOr, textAt, valueAt } from '../json.ts';
import type { ServedResource } from '../served-resource.ts';
import type { StatusCause } from '../status-error.ts';
import { invalidValue, requiredValue } from '../status-error.ts';
import { SPECIFIED } from '../usual-rules.ts';

export const WEBHOOK_GROUP = 'admissionregistration.k8s.io';
export const MUTATING = 'mutatingwebhookconfigurations';
export const VALIDATING = 'validatingwebhookconfigurations';

const COLUMNS = [
  NAME_COLUMN,
  computed('Webhooks', configuration => listAt(configuration, 'webhooks').length, 'integer'),
  AGE_COLUMN,
];

/** The two kinds by which webhooks are registered. */
export function webhookResources(): readonly ServedResource[] {
  const define = (plural: string, kind: string, more: JsonObject): ServedResource => {
    const rules = {
      ...SPECIFIED,
      applyDefaults: (configuration: JsonObject) => withWebhookDefaults(configuration, more),
      validate: checkConfiguration,
    };
    return {
      ...defineResource(plural, kind, [], COLUMNS, rules, [], { isNamespaced: false, categories: ['api-extensions'] }),
      group: WEBHOOK_GROUP,
    };
  };
  return [
    define(MUTATING, 'MutatingWebhookConfiguration', { reinvocationPolicy: 'Never' }),
    define(VALIDATING, 'ValidatingWebhookConfiguration', {}),
  ];
}

function withWebhookDefaults(configuration: JsonObject, more: JsonObject): JsonObject {
  const webhooks = listAt(configuration, 'webhooks').map(webhook => {
    const given = objectOr(webhook);
    const service = valueAt(given, 'clientConfig.service');
    const rules = listAt(given, 'rules').map(rule => ({ scope: '*', ...objectOr(rule) }));
    return {
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
      ...more,
      ...given,
      ...(isJsonObject(service)
        ? { clientConfig: { ...objectOr(given['clientConfig']), service: { port: 443, ...service } } }
        : {}),
      ...(rules.length === 0 ? {} : { rules }),
    };
  });
  return webhooks.length === 0 ? configuration : { ...configuration, webhooks };
}

function checkConfiguration(configuration: JsonObject): readonly StatusCause[] {
  const webhooks = listAt(configuration, 'webhooks');
  const names = webhooks.map(webhook => textAt(webhook, 'name'));
  return webhooks.flatMap((webhook, index) => {
    const field = `webhooks[${index}]`;
    const isTwice = names.indexOf(names[index] ?? '') !== index;
    return [
      ...checkWebhook(objectOr(webhook), field),
      ...(isTwice
        ? [{ ...invalidValue(`${field}.name`, names[index], 'Duplicate value'), reason: 'FieldValueDuplicate' }]
        : []),
    ];
  });
}

function checkWebhook(webhook: JsonObject, field: string): readonly StatusCause[] {
  const name = textAt(webhook, 'name');
  const timeout = valueAt(webhook, 'timeoutSeconds');
  const seconds = Number(timeout);
  return [
    ...(name === '' ? [requiredValue(`${field}.name`)] : []),
    ...(name !== '' && name.split('.').length < 3
      ? [invalidValue(`${field}.name`, name, 'should be a domain with at least three segments separated by dots')]
      : []),
    ...oneOf(webhook, field, 'sideEffects', ['None', 'NoneOnDryRun']),
    ...oneOf(webhook, field, 'failurePolicy', ['Fail', 'Ignore']),
    ...(listAt(webhook, 'admissionReviewVersions').length === 0
      ? [requiredValue(`${field}.admissionReviewVersions`, 'must specify one of v1, v1beta1')]
      : []),
    ...(Number.isInteger(seconds) && seconds >= 1 && seconds <= 30
      ? []
      : [invalidValue(`${field}.timeoutSeconds`, timeout, 'the timeout value must be between 1 and 30 seconds')]),
    ...checkClient(objectOr(webhook['clientConfig']), `${field}.clientConfig`),
    // Nothing here evaluates expressions, and a condition that counts for nothing would be worse than none.
    ...(valueAt(webhook, 'matchConditions') === undefined
      ? []
      : [invalidValue(`${field}.matchConditions`, '...', 'this server evaluates no expressions')]),
  ];
}

function checkClient(config: JsonObject, field: string): readonly StatusCause[] {
  const url = textAt(config, 'url');
  const hasService = isJsonObject(config['service']);
  if ((url !== '') === hasService) return [requiredValue(field, 'exactly one of url or service is required')];
  if (hasService || /^https:\/\/[^/?#]+(\/[^?#]*)?$/.test(url)) return [];
  const why = "'https' is the only allowed URL scheme; desired format: https://host[/path]";
  return [invalidValue(`${field}.url`, url, why)];
}

function oneOf(webhook: JsonObject, field: string, key: string, choices: readonly string[]): readonly StatusCause[] {
  const value = textAt(webhook, key);
  if (choices.includes(value)) return [];
  if (value === '') return [requiredValue(`${field}.${key}`, `must specify one of ${choices.join(', ')}`)];
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${choices.map(choice => `"${choice}"`).join(', ')}`;
  return [{ reason: 'FieldValueNotSupported', field: `${field}.${key}`, message }];
}
