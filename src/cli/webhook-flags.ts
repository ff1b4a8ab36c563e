import { type Command, InvalidArgumentError, Option } from 'commander';
import type { WebhookOptions, WebhookPlace } from '#controller';
import { parseAddress } from './parse-address.ts';

/** What the command line says of webhooks. */
export interface WebhookFlags {
  readonly webhookService?: string;
  readonly webhookUrl?: string;
  readonly webhookAddress: string;
  readonly webhookFailurePolicy: 'Ignore' | 'Fail';
}

/** Adds the options of `underlane controller` that are about webhooks. */
export function addWebhookFlags(command: Command): Command {
  return command
    .option(
      '--webhook-service <name>',
      'review objects for API servers, which reach port 443 of this Service in --namespace',
    )
    .addOption(
      new Option('--webhook-url <url>', 'the same, but they reach this replica at https://HOST:PORT')
        .argParser(parseUrl)
        .conflicts('webhookService'),
    )
    .option('--webhook-address <host:port>', 'where to answer them', parseAddress, '[::]:9443')
    .addOption(
      new Option('--webhook-failure-policy <policy>', 'what API servers do without an answer')
        .choices(['Ignore', 'Fail'])
        .default('Ignore'),
    );
}

/** What they mean together; undefined where API servers are told of no way to the webhooks. */
export function webhookOptions(flags: WebhookFlags, namespace: string): WebhookOptions | undefined {
  const place = placeOf(flags, namespace);
  if (place === undefined) return undefined;
  const { webhookAddress: address, webhookFailurePolicy: failurePolicy } = flags;
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  // Every address is what there is without one: of IPv4 alone, where the kernel has no IPv6.
  return { ...(host === '::' ? {} : { host }), port: Number(address.slice(colon + 1)), place, failurePolicy };
}

function placeOf({ webhookService, webhookUrl }: WebhookFlags, namespace: string): WebhookPlace | undefined {
  if (webhookUrl !== undefined) return { url: webhookUrl };
  return webhookService === undefined ? undefined : { service: { namespace, name: webhookService, port: 443 } };
}

/** Without a path: that is the webhooks' own. */
function parseUrl(text: string): string {
  if (/^https:\/\/(\[[^\]/]+\]|[^:/\s]+)(:\d{1,5})?$/.test(text)) return text;
  throw new InvalidArgumentError('expected https://HOST:PORT');
}
