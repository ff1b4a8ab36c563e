import { UnderlaneError } from '#base';
import { errnoName } from './errno.ts';

/** A system call that the kernel refused. The code is the errno's name (`ENODEV`). */
export class SysError extends UnderlaneError {
  /** `setns`, `mount`, ... */
  readonly syscall: string;
  readonly errno: number;

  constructor(syscall: string, errno: number, subject?: string) {
    const code = errnoName(errno);
    const object = subject === undefined ? '' : ` on ${subject}`;
    super(code, `Cannot call ${syscall}${object}: ${code}`, {
      details: { syscall, errno, ...(subject === undefined ? {} : { subject }) },
      retriable: RETRIABLE.has(code),
    });
    this.syscall = syscall;
    this.errno = errno;
  }
}

const RETRIABLE: ReadonlySet<string> = new Set(['EAGAIN', 'EINTR', 'EBUSY', 'ENOBUFS', 'ENOMEM']);
