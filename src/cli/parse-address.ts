import { InvalidArgumentError } from 'commander';

/** `HOST:PORT`, with an IPv6 address in brackets. */
export function parseAddress(text: string): string {
  const port = Number(/^(?:\[[^\]]+\]|[^:/\s]+):(\d{1,5})$/.exec(text)?.[1]);
  if (port >= 1 && port <= 65535) return text;
  throw new InvalidArgumentError('expected HOST:PORT, as 127.0.0.1:9100 or [::]:9100');
}
