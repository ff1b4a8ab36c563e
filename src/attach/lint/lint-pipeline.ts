import { UnderlaneError } from '#base';
import { isJsonObject } from '#cni';
import { parsePipelineConfig } from '../resolve/pipeline-config.ts';
import { fieldOf, type LintFinding, placeOf, sentenceOf } from './finding.ts';
import type { Located, Path } from './located.ts';

/** Reads the configuration by which a runtime calls the pipeline as the agent does: which keys are wrong, and which do nothing. */
export function lintPipeline(object: string, located: Located): readonly LintFinding[] {
  const { value: raw } = located;
  if (!isJsonObject(raw)) return [];
  const plugins = Array.isArray(raw['plugins']) ? raw['plugins'] : undefined;
  const places: readonly { readonly at: Path; readonly own: unknown }[] = plugins?.map((own, index) => ({
    at: ['plugins', index],
    own,
  })) ?? [{ at: [], own: raw }];
  return places.flatMap(({ at, own }) => {
    if (!isJsonObject(own)) return [];
    try {
      const { warnings } = parsePipelineConfig({ ...own, name: raw['name'] });
      return warnings.map(({ key, message }): LintFinding => {
        return { severity: 'warning', ...placeOf(located, [...at, key]), object, message: `${key}: ${message}` };
      });
    } catch (error) {
      if (!(error instanceof UnderlaneError)) throw error;
      const place = placeOf(located, [...at, ...fieldOf(error)]);
      return [{ severity: 'error', ...place, object, message: sentenceOf(error, object) }];
    }
  });
}
