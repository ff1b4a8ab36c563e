import { type LabelSelector, type ObjectProblem, wrongField } from '#api';

/** What is wrong with a label selector, as Kubernetes judges its own. */
export function selectorProblems(selector: LabelSelector, path: ObjectProblem['path']): readonly ObjectProblem[] {
  return (selector.matchExpressions ?? []).flatMap(({ operator, values = [] }, index) => {
    const own = [...path, 'matchExpressions', index];
    switch (operator) {
      case 'In':
      case 'NotIn':
        return values.length > 0 ? [] : [wrongField([...own, 'values'], values, `at least one value for ${operator}`)];
      case 'Exists':
      case 'DoesNotExist':
        return values.length === 0 ? [] : [wrongField([...own, 'values'], values, `no values for ${operator}`)];
      default:
        return [wrongField([...own, 'operator'], operator, 'one of In, NotIn, Exists, DoesNotExist')];
    }
  });
}
