/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  /** Columns above 0 show only with `-o wide`. */
  readonly priority?: number;
}

/** A column that shows one field, as text if nothing else is said. */
export function column(
  name: string,
  jsonPath: string,
  more: Partial<Pick<PrinterColumn, 'type' | 'priority'>> = {},
): PrinterColumn {
  return { name, type: 'string', jsonPath, ...more };
}

export const AGE_COLUMN: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
