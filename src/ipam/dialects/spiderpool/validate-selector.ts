import { type LabelSelector, type ObjectProblem, wrongField } from '#api';

type Path = ObjectProblem['path'];

/** What is wrong with a label selector, as Kubernetes judges its own: what no label can be is matched by nothing. */
export function selectorProblems({ matchLabels = {}, matchExpressions = [] }: LabelSelector, path: Path): Problems {
  return [
    ...Object.entries(matchLabels).flatMap(([key, value]) => {
      const own = [...path, 'matchLabels', key];
      return [...keyProblems(key, own), ...valueProblems(value, own)];
    }),
    ...matchExpressions.flatMap((expression, index) =>
      expressionProblems(expression, [...path, 'matchExpressions', index]),
    ),
  ];
}

type Problems = readonly ObjectProblem[];
type Expression = NonNullable<LabelSelector['matchExpressions']>[number];

function expressionProblems({ key, operator, values = [] }: Expression, path: Path): Problems {
  const ofKey = keyProblems(key, [...path, 'key']);
  switch (operator) {
    case 'In':
    case 'NotIn':
      return [
        ...ofKey,
        ...(values.length > 0 ? [] : [wrongField([...path, 'values'], values, `at least one value for ${operator}`)]),
        ...values.flatMap((value, index) => valueProblems(value, [...path, 'values', index])),
      ];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? ofKey
        : [...ofKey, wrongField([...path, 'values'], values, `no values for ${operator}`)];
    default:
      return [...ofKey, wrongField([...path, 'operator'], operator, 'one of In, NotIn, Exists, DoesNotExist')];
  }
}

const NAME = /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function keyProblems(key: string, path: Path): Problems {
  const [name = '', domain, ...rest] = key.split('/').reverse();
  if (NAME.test(name) && (domain === undefined || DOMAIN.test(domain)) && rest.length === 0) return [];
  return [wrongField(path, key, 'a key of labels like app or example.com/app')];
}

function valueProblems(value: string, path: Path): Problems {
  if (value === '' || NAME.test(value)) return [];
  return [wrongField(path, value, 'a value of labels: at most 63 letters, digits, dashes, dots and underscores')];
}
