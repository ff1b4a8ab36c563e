import { type AttachmentPolicy, type ObjectProblem, wrongField } from '#api';
import { isPluginType } from '#cni';

/** What is wrong with an AttachmentPolicy: patterns that nothing can match. */
export function policyProblems({ spec }: AttachmentPolicy): readonly ObjectProblem[] {
  const wrong = (field: keyof typeof spec, isPossible: (text: string) => boolean, expected: string) =>
    spec[field].flatMap((pattern, index) =>
      // A star stands for any text, so for a letter.
      isPossible(pattern.replaceAll('*', 'a')) ? [] : [wrongField(['spec', field, index], pattern, expected)],
    );
  return [
    ...wrong('namespaces', isLabel, 'the name of a namespace, in which * stands for any text'),
    ...wrong('types', isPluginType, 'a plugin type, in which * stands for any text'),
    ...wrong('masters', text => !/\s/.test(text), 'an interface, bridge or device, in which * stands for any text'),
    ...(spec.types.length > 0
      ? []
      : [
          {
            ...wrongField(
              ['spec', 'types'],
              spec.types,
              'some: as it is, networks of these namespaces may use no plugin',
            ),
            severity: 'warning' as const,
          },
        ]),
  ];
}

function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text);
}
