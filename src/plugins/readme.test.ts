import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import type { Plugin } from './plugin.ts';
import { plugins } from './registry.ts';

suite('README.md of a plugin', () => {
  for (const plugin of plugins) {
    test(`${plugin.type}: names exactly the keys that its configuration has`, () => {
      assert.deepEqual(documentedKeys(plugin.type), acceptedKeys(plugin));
    });

    test(`${plugin.type}: its synopsis is a configuration that it takes`, () => {
      plugin.parse(synopsisOf(plugin.type));
    });
  }
});

/** The error about an unknown key lists those that there are. */
function acceptedKeys({ type, parse }: Plugin): readonly string[] {
  const unknown = 'aKeyThatNobodyKnows';
  let message = '';
  assert.throws(
    () => parse({ ...synopsisOf(type), [unknown]: 1 }),
    (error: Error) => {
      ({ message } = error);
      return message.includes(unknown);
    },
  );
  return (message.split('expected one of ')[1] ?? '').split(', ').sort();
}

/** First column of the table of keys, and what the section names as not supported. */
function documentedKeys(type: string): readonly string[] {
  const [, section = ''] = readme(type).split(/^## Keys$/m);
  const keys = section.split(/^## /m)[0] ?? '';
  const rows = keys.split('\n').flatMap(line => /^\| `([^`]+)`/.exec(line)?.[1] ?? []);
  const refused = keys.split('\n\n').filter(paragraph => paragraph.startsWith('Not supported yet'));
  const named = refused.flatMap(paragraph => [...paragraph.matchAll(/`([^`]+)`/g)].map(match => match[1] ?? ''));
  // A key inside of an object is written `object.key`.
  return [...new Set([...rows, ...named].map(key => key.split('.')[0] ?? key))].sort();
}

/** The synopsis' own object of the plugin's type, alone or in its chain. */
function synopsisOf(type: string): Readonly<Record<string, unknown>> {
  const [, json = ''] = /## Synopsis\n+```json\n([\s\S]*?)```/.exec(readme(type)) ?? [];
  const value = JSON.parse(json) as { type?: string; plugins?: { type: string }[] };
  const own = (value.plugins ?? [value]).find(config => config.type === type);
  assert.ok(own !== undefined, `no "${type}" in the synopsis`);
  return own;
}

function readme(type: string): string {
  return readFileSync(new URL(`${type}/README.md`, import.meta.url), 'utf8');
}
