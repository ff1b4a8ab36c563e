/*
 * As much of POSIX as shim.c needs, straight on Linux system calls, for compilers without any libc: x86-64 and arm64.
 * Numbers and layouts are those of the kernel's uapi headers. Must be included by exactly one file.
 */
#include <stddef.h>

typedef long ssize_t;

enum { EPERM = 1, ENOENT = 2, EINTR = 4, ENOEXEC = 8, EAGAIN = 11, EACCES = 13, ENOTDIR = 20, ETXTBSY = 26, ENOSPC = 28, ECONNREFUSED = 111 };
enum { O_RDONLY = 0, O_WRONLY = 01, O_CREAT = 0100, O_EXCL = 0200, O_CLOEXEC = 02000000, AT_FDCWD = -100 };
enum { AF_UNIX = 1, SOCK_STREAM = 1, SOCK_CLOEXEC = 02000000, MSG_NOSIGNAL = 0x4000 };
enum { SOL_SOCKET = 1, SO_RCVTIMEO = 20, SO_SNDTIMEO = 21 };
enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, POLLIN = 1 };

struct timespec { long tv_sec, tv_nsec; };
struct timeval { long tv_sec, tv_usec; };
struct pollfd { int fd; short events, revents; };
struct sockaddr;
struct sockaddr_un { unsigned short sun_family; char sun_path[108]; };
struct stat { unsigned st_mode, st_uid; };
#define S_ISSOCK(mode) (((mode) & 0170000) == 0140000)

static int errno;
char **environ;

#if defined(__x86_64__)
enum {
  SYS_read = 0, SYS_write = 1, SYS_close = 3, SYS_nanosleep = 35, SYS_getpid = 39, SYS_socket = 41, SYS_connect = 42,
  SYS_sendto = 44, SYS_setsockopt = 54, SYS_fsync = 74, SYS_geteuid = 107, SYS_sync = 162, SYS_clock_gettime = 228,
  SYS_execve = 59, SYS_chdir = 80, SYS_chroot = 161, SYS_exit_group = 231, SYS_openat = 257, SYS_mkdirat = 258, SYS_unlinkat = 263, SYS_renameat = 264, SYS_ppoll = 271,
  SYS_statx = 332,
};

static long raw_call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start_on_stack\n\thlt\n");
#elif defined(__aarch64__)
enum {
  SYS_mkdirat = 34, SYS_unlinkat = 35, SYS_renameat = 38, SYS_chdir = 49, SYS_chroot = 51, SYS_openat = 56, SYS_close = 57, SYS_read = 63, SYS_write = 64,
  SYS_ppoll = 73, SYS_sync = 81, SYS_fsync = 82, SYS_exit_group = 94, SYS_nanosleep = 101, SYS_clock_gettime = 113, SYS_getpid = 172,
  SYS_geteuid = 175, SYS_socket = 198, SYS_connect = 203, SYS_sendto = 206, SYS_setsockopt = 208, SYS_execve = 221, SYS_statx = 291,
};

static long raw_call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}

__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tmov x0, sp\n\tand sp, x0, #-16\n\tbl start_on_stack\n");
#else
#error "nolibc.h knows x86-64 and arm64 only: build with a static libc"
#endif

static long call(long number, long a, long b, long c, long d, long e, long f) {
  long result = raw_call(number, a, b, c, d, e, f);
  if (result >= 0 || result < -4095) return result;
  errno = -result;
  return -1;
}

static inline ssize_t read(int fd, void *to, size_t size) { return call(SYS_read, fd, (long)to, size, 0, 0, 0); }
static inline ssize_t write(int fd, const void *from, size_t size) { return call(SYS_write, fd, (long)from, size, 0, 0, 0); }
static inline int close(int fd) { return call(SYS_close, fd, 0, 0, 0, 0, 0); }
static inline int fsync(int fd) { return call(SYS_fsync, fd, 0, 0, 0, 0, 0); }
static inline void sync(void) { call(SYS_sync, 0, 0, 0, 0, 0, 0); }
static inline int getpid(void) { return call(SYS_getpid, 0, 0, 0, 0, 0, 0); }
static inline int chdir(const char *path) { return call(SYS_chdir, (long)path, 0, 0, 0, 0, 0); }
static inline int chroot(const char *path) { return call(SYS_chroot, (long)path, 0, 0, 0, 0, 0); }
static inline int execve(const char *path, char **arguments, char **environment) {
  return call(SYS_execve, (long)path, (long)arguments, (long)environment, 0, 0, 0);
}
static inline unsigned geteuid(void) { return call(SYS_geteuid, 0, 0, 0, 0, 0, 0); }
static inline int mkdir(const char *path, unsigned mode) { return call(SYS_mkdirat, AT_FDCWD, (long)path, mode, 0, 0, 0); }
static inline int unlink(const char *path) { return call(SYS_unlinkat, AT_FDCWD, (long)path, 0, 0, 0, 0); }
static inline int socket(int family, int type, int protocol) { return call(SYS_socket, family, type, protocol, 0, 0, 0); }

/* The mode is read only with O_CREAT; a caller without it may leave it out. */
#define open(...) open_with_mode(__VA_ARGS__, 0, 0)
#define open_with_mode(path, flags, mode, ...) ((int)call(SYS_openat, AT_FDCWD, (long)(path), (flags), (mode), 0, 0))

static inline int rename(const char *from, const char *to) {
  return call(SYS_renameat, AT_FDCWD, (long)from, AT_FDCWD, (long)to, 0, 0);
}
static inline int connect(int fd, const struct sockaddr *address, unsigned size) {
  return call(SYS_connect, fd, (long)address, size, 0, 0, 0);
}
static inline ssize_t send(int fd, const void *from, size_t size, int flags) {
  return call(SYS_sendto, fd, (long)from, size, flags, 0, 0);
}
static inline int setsockopt(int fd, int level, int option, const void *value, unsigned size) {
  return call(SYS_setsockopt, fd, level, option, (long)value, size, 0);
}
static inline int clock_gettime(int clock, struct timespec *now) { return call(SYS_clock_gettime, clock, (long)now, 0, 0, 0, 0); }
static inline int nanosleep(const struct timespec *time, struct timespec *rest) {
  return call(SYS_nanosleep, (long)time, (long)rest, 0, 0, 0, 0);
}
static inline int poll(struct pollfd *fds, unsigned long count, int wait_ms) {
  struct timespec wait = {wait_ms / 1000, wait_ms % 1000 * 1000000L};
  return call(SYS_ppoll, (long)fds, count, (long)&wait, 0, 0, 0);
}

/* By statx, whose layout is the same on every architecture: uid at 20, mode at 28. */
static inline int stat(const char *path, struct stat *status) {
  enum { STATX_TYPE_MODE_UID = 0x0b };
  static union { unsigned words[64]; unsigned short halves[128]; } buffer;
  if (call(SYS_statx, AT_FDCWD, (long)path, 0, STATX_TYPE_MODE_UID, (long)&buffer, 0) < 0) return -1;
  status->st_uid = buffer.words[5], status->st_mode = buffer.halves[14];
  return 0;
}

/* Not static: the compiler itself calls these two. */
void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  for (size_t index = 0; index < size; index++) ((char *)to)[index] = ((const char *)from)[index];
  return to;
}
void *memset(void *to, int byte, size_t size) {
  for (size_t index = 0; index < size; index++) ((char *)to)[index] = byte;
  return to;
}
static inline void *memchr(const void *in, int byte, size_t size) {
  for (const char *at = in; size-- > 0; at++)
    if (*at == (char)byte) return (void *)at;
  return NULL;
}
static inline size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}
static inline int strcmp(const char *one, const char *other) {
  while (*one && *one == *other) one++, other++;
  return *one != *other;
}

int main(int argc, char **argv);

/* The kernel's initial stack: argc, argv..., NULL, environment..., NULL. */
__attribute__((noreturn, used)) void start_on_stack(long *stack) {
  char **argv = (char **)(stack + 1);
  environ = argv + stack[0] + 1;
  for (int code = main(stack[0], argv);;) raw_call(SYS_exit_group, code, 0, 0, 0, 0, 0);
}
