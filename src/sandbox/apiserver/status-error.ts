import { UnderlaneError } from '#base';

/** A failure that the server answers with: becomes a `Status` object. */
export class StatusError extends UnderlaneError {
  readonly httpStatus: number;
  readonly reason: string;
  readonly statusDetails: StatusDetails | undefined;

  constructor(httpStatus: number, reason: string, message: string, statusDetails?: StatusDetails) {
    super(reason, message);
    this.httpStatus = httpStatus;
    this.reason = reason;
    this.statusDetails = statusDetails;
  }
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly StatusCause[];
}

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What errors call an object: plural (or kind, for validation), group and name. */
export interface ErrorSubject {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

export function notFound(subject: ErrorSubject, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(subject)} "${name}" not found`, detailsOf(subject, name));
}

export function alreadyExists(subject: ErrorSubject, name: string): StatusError {
  return new StatusError(
    409,
    'AlreadyExists',
    `${qualified(subject)} "${name}" already exists`,
    detailsOf(subject, name),
  );
}

export function conflict(subject: ErrorSubject, name: string, why: string): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`,
    detailsOf(subject, name),
  );
}

export function forbidden(subject: ErrorSubject, name: string, why: string): StatusError {
  return new StatusError(
    403,
    'Forbidden',
    `${qualified(subject)} "${name}" is forbidden: ${why}`,
    detailsOf(subject, name),
  );
}

export function invalid(subject: ErrorSubject, name: string, causes: readonly StatusCause[]): StatusError {
  const kind = subject.group === '' ? subject.kind : `${subject.kind}.${subject.group}`;
  const list = causes.map(cause => `${cause.field}: ${cause.message}`);
  const text = list.length === 1 ? list[0] : `[${list.join(', ')}]`;
  return new StatusError(422, 'Invalid', `${kind} "${name}" is invalid: ${text}`, {
    ...(name === '' ? {} : { name }),
    ...(subject.group === '' ? {} : { group: subject.group }),
    kind: subject.kind,
    causes,
  });
}

/** A wrong option of a request; `kind` is that of the options. */
export function invalidOption(kind: string, field: string, value: unknown, supported: readonly string[]): StatusError {
  const choices = supported.map(choice => JSON.stringify(choice)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${choices}`;
  const subject = { group: 'meta.k8s.io', plural: kind, kind };
  return invalid(subject, '', [{ reason: 'FieldValueNotSupported', field, message }]);
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message);
}

export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** One field's fault, worded as the real server words it. */
export function invalidValue(field: string, value: unknown, why: string): StatusCause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}

export function requiredValue(field: string, why = ''): StatusCause {
  return { reason: 'FieldValueRequired', field, message: `Required value${why === '' ? '' : `: ${why}`}` };
}

/** The `Status` object of any failure. */
export function toStatus(error: StatusError): Readonly<Record<string, unknown>> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    ...(error.reason === '' ? {} : { reason: error.reason }),
    ...(error.statusDetails === undefined ? {} : { details: error.statusDetails }),
    code: error.httpStatus,
  };
}

function qualified(subject: ErrorSubject): string {
  return subject.group === '' ? subject.plural : `${subject.plural}.${subject.group}`;
}

function detailsOf(subject: ErrorSubject, name: string): StatusDetails {
  return { name, ...(subject.group === '' ? {} : { group: subject.group }), kind: subject.plural };
}
