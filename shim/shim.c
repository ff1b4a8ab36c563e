/*
 * The CNI shim: what a container runtime execs. Frames its own program name, the CNI_* and UNDERLANE_* variables and stdin,
 * hands them to the agent over a unix socket, prints the reply and exits with its code. src/wire holds the same framing,
 * src/shim the same program in JavaScript for machines without a C compiler; one test suite runs against both.
 *
 * As `underlane --exec ROOT [CGROUP_PROCS]... -- [PROGRAM]` it is what the agent starts third-party plugins by, see launch().
 *
 * Static buffers only. Plain POSIX, so that any static libc will do; nolibc.h stands in where there is none.
 */
#ifdef SHIM_NOLIBC
#include "nolibc.h"
#else
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#endif

#define VERSIONS "\"0.1.0\",\"0.2.0\",\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\""
#define NEWEST_VERSION "1.1.0"

/* Bytes; the agent holds to the same limits. */
enum { NAME_LIMIT = 255, ENV_LIMIT = 64 << 10, STDIN_LIMIT = 1 << 20, REPLY_LIMIT = 1 << 20, HEADER_LIMIT = 64 };
/* How long a DEL waits for an agent that is being restarted, and how often it looks. */
enum { DEL_WAIT_MS = 5000, DEL_PAUSE_MS = 100 };
/* Above the agent's own longest deadline: cuts off only an agent that hangs. */
enum { REPLY_WAIT_SECONDS = 180 };
/* How much of a stdin that is not needed is still taken in, and how long a silent caller may leave it open. */
enum { DRAIN_LIMIT = 16 << 20, DRAIN_WAIT_MS = 1000 };
/* How often a program that is still being written is tried again, and how long after. */
enum { BUSY_RETRIES = 25, BUSY_PAUSE_MS = 200 };
/* CNI error numbers, https://www.cni.dev/docs/spec/#error */
enum { INVALID_ENV = 4, IO_FAILURE = 5, INVALID_CONFIG = 7, TRY_AGAIN = 11, NOT_AVAILABLE = 50 };

extern char **environ;

static char frame[HEADER_LIMIT + NAME_LIMIT + ENV_LIMIT + STDIN_LIMIT + 1], *frame_start;
static size_t frame_length;
static char reply[HEADER_LIMIT + 1 + REPLY_LIMIT + 1], *reply_body;
static size_t reply_length;
static unsigned long reply_exit;
/* What the last failed step says: a CNI error number and a sentence. */
static int problem_code;
static char problem[1024];

static int starts_with(const char *text, const char *prefix) {
  while (*prefix)
    if (*text++ != *prefix++) return 0;
  return 1;
}

static const char *find_env(const char *assignment, const char *otherwise) {
  for (char **entry = environ; *entry; entry++)
    if (starts_with(*entry, assignment) && (*entry)[strlen(assignment)]) return *entry + strlen(assignment);
  return otherwise;
}

/* Appends to a text in a buffer of the given size; what does not fit is cut off. */
static void append(char *to, size_t size, const char *text) {
  size_t length = strlen(to);
  while (*text && length + 1 < size) to[length++] = *text++;
  to[length] = 0;
}

static void append_number(char *to, size_t size, unsigned long number) {
  char digits[24], *digit = digits + sizeof digits - 1;
  *digit = 0;
  do *--digit = '0' + number % 10;
  while (number /= 10);
  append(to, size, digit);
}

/* Keeps the sentence `<what> "<object>": <why>`; why may be left out, and 0 as object. Always returns -1. */
static int fail(int code, const char *what, const char *object, const char *why) {
  problem_code = code;
  problem[0] = 0;
  append(problem, sizeof problem, what);
  if (object) append(problem, sizeof problem, " \""), append(problem, sizeof problem, object), append(problem, sizeof problem, "\"");
  if (why) append(problem, sizeof problem, ": "), append(problem, sizeof problem, why);
  return -1;
}

static const char *error_text(int error) {
  static char text[32];
  switch (error) {
    case ENOENT: return "ENOENT, no such file";
    case ECONNREFUSED: return "ECONNREFUSED, nobody listens";
    case EACCES: return "EACCES, permission denied";
    case EPERM: return "EPERM, not permitted";
    case ENOTDIR: return "ENOTDIR, no directory";
    case ENOEXEC: return "ENOEXEC, no program";
    case ETXTBSY: return "ETXTBSY, it is being written";
    case ENOSPC: return "ENOSPC, no space left";
    case EAGAIN: return "EAGAIN, it does not take connections";
  }
  text[0] = 0;
  append(text, sizeof text, "errno ");
  append_number(text, sizeof text, error);
  return text;
}

static int write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -1;
    bytes += written, length -= written;
  }
  return 0;
}

/* Prints the kept problem as a CNI error object; returns the exit code. */
static int print_problem(void) {
  static char text[sizeof problem * 6 + 128];
  append(text, sizeof text, "{\"cniVersion\":\"" NEWEST_VERSION "\",\"code\":");
  append_number(text, sizeof text, problem_code);
  append(text, sizeof text, ",\"msg\":\"");
  for (const unsigned char *from = (const unsigned char *)problem; *from; from++) {
    char escaped[7] = {'\\', *from, 0};
    if (*from < 0x20) memcpy(escaped, "\\u00", 4), escaped[4] = '0' + (*from >> 4), escaped[5] = "0123456789abcdef"[*from & 15];
    append(text, sizeof text, *from < 0x20 || *from == '"' || *from == '\\' ? escaped : escaped + 1);
  }
  append(text, sizeof text, "\"}\n");
  write_all(1, text, strlen(text));
  return 1;
}

static int print_usage(const char *name) {
  char text[512] = "CNI plugin \"";
  append(text, sizeof text - 200, name);
  append(text, sizeof text, "\" of Underlane: to be run by a container runtime, with CNI_COMMAND set\nCNI protocol versions supported: ");
  for (const char *from = VERSIONS; *from; from++) {
    char one[3] = {*from, *from == ',' ? ' ' : 0, 0};
    if (*from != '"') append(text, sizeof text, one);
  }
  append(text, sizeof text, "\n");
  write_all(2, text, strlen(text));
  return 0;
}

/* Builds the request: UL1 <nameLen> <envLen> <stdinLen>\n name env stdin. The header is set before the rest, last. */
static int build_frame(const char *name) {
  char *body = frame + HEADER_LIMIT, *end = body, header[HEADER_LIMIT] = "UL1 ";
  size_t name_length = strlen(name), env_length = 0, stdin_length = 0;
  if (name_length > NAME_LIMIT) return fail(INVALID_ENV, "Program name has more than 255 bytes", 0, 0);
  memcpy(end, name, name_length), end += name_length;
  for (char **entry = environ; *entry; entry++) {
    if (!starts_with(*entry, "CNI_") && !starts_with(*entry, "UNDERLANE_")) continue;
    size_t length = strlen(*entry);
    if (env_length + 1 + length > ENV_LIMIT + (env_length == 0))
      return fail(INVALID_ENV, "Environment (CNI_* and UNDERLANE_*) has more than 65536 bytes", 0, 0);
    if (env_length > 0) *end++ = 0, env_length++;
    memcpy(end, *entry, length), end += length, env_length += length;
  }
  for (;;) {
    ssize_t got = read(0, end, STDIN_LIMIT + 1 - stdin_length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(IO_FAILURE, "Cannot read the network configuration on stdin", 0, error_text(errno));
    if (got == 0) break;
    end += got, stdin_length += got;
    if (stdin_length > STDIN_LIMIT) return fail(INVALID_CONFIG, "Network configuration on stdin has more than 1048576 bytes", 0, 0);
  }
  append_number(header, sizeof header, name_length), append(header, sizeof header, " ");
  append_number(header, sizeof header, env_length), append(header, sizeof header, " ");
  append_number(header, sizeof header, stdin_length), append(header, sizeof header, "\n");
  frame_start = body - strlen(header), frame_length = end - frame_start;
  memcpy(frame_start, header, strlen(header));
  return 0;
}

/* Takes in what the caller still writes: to end before would fail its write, and with that a call that was answered. */
static void drain_stdin(void) {
  for (size_t drained = 0; drained < DRAIN_LIMIT;) {
    struct pollfd stdin_state = {.fd = 0, .events = POLLIN};
    int ready = poll(&stdin_state, 1, DRAIN_WAIT_MS);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return;
    ssize_t got = read(0, reply, sizeof reply);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    drained += got;
  }
}

static unsigned long reply_wait_seconds(void) {
  unsigned long seconds = 0;
  for (const char *digit = find_env("UNDERLANE_REPLY_WAIT_SECONDS=", ""); *digit >= '0' && *digit <= '9' && seconds < 100000; digit++)
    seconds = seconds * 10 + (*digit - '0');
  return seconds ? seconds : REPLY_WAIT_SECONDS;
}

/* Connects to the agent; whoever could have made the socket may see pods' configurations, so its owner must be us or root. */
static int open_agent(void) {
  const char *path = find_env("UNDERLANE_SOCKET=", "/run/underlane/agent.sock");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct timeval wait = {.tv_sec = reply_wait_seconds()};
  struct stat status;
  if (strlen(path) >= sizeof address.sun_path) return fail(TRY_AGAIN, "Cannot reach the agent at", path, "path is too long for a socket");
  if (stat(path, &status) < 0) return fail(TRY_AGAIN, "Cannot reach the agent at", path, error_text(errno));
  if (!S_ISSOCK(status.st_mode)) return fail(TRY_AGAIN, "Cannot reach the agent at", path, "it is no socket");
  if (status.st_uid != 0 && status.st_uid != geteuid())
    return fail(TRY_AGAIN, "Cannot trust the agent at", path, "the socket belongs to another user, expected root or this one");
  memcpy(address.sun_path, path, strlen(path));
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(TRY_AGAIN, "Cannot make a socket", 0, error_text(errno));
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  int result;
  do result = connect(fd, (struct sockaddr *)&address, sizeof address);
  while (result < 0 && errno == EINTR);
  if (result == 0) return fd;
  fail(TRY_AGAIN, "Cannot reach the agent at", path, error_text(errno));
  close(fd);
  return -1;
}

/* Reads a decimal number without leading zeros, ended by `end`; returns what follows it, 0 when it is none. */
static char *parse_number(char *text, char end, unsigned long *number) {
  char *digit = text;
  for (*number = 0; *digit >= '0' && *digit <= '9' && digit - text < 15; digit++) *number = *number * 10 + (*digit - '0');
  return digit > text && *digit == end && (*text != '0' || digit == text + 1) ? digit + 1 : 0;
}

/* Looks at the `got` bytes so far: 1 when the reply is complete, 0 when more must come, -1 when it is none. */
static int parse_reply(size_t got) {
  unsigned long length = 0;
  char *line_end = memchr(reply, '\n', got < HEADER_LIMIT + 1 ? got : HEADER_LIMIT + 1);
  if (!line_end && got <= HEADER_LIMIT) return 0;
  char *rest = line_end && starts_with(reply, "UL1 ") ? parse_number(reply + 4, ' ', &reply_exit) : 0;
  reply_body = rest ? parse_number(rest, '\n', &length) : 0;
  if (!reply_body) return fail(IO_FAILURE, "Agent's reply does not start with \"UL1\" and two numbers", 0, 0);
  if (reply_exit > 255) return fail(IO_FAILURE, "Agent's reply has an exit code over 255", 0, 0);
  if (length > REPLY_LIMIT) return fail(IO_FAILURE, "Agent's reply has more than 1048576 bytes", 0, 0);
  size_t have = reply + got - reply_body;
  if (have > length) return fail(IO_FAILURE, "Agent's reply is followed by more bytes", 0, 0);
  reply_length = length;
  return have == length;
}

/* Sends the request and takes in the whole reply. */
static int exchange(int fd) {
  for (size_t sent = 0; sent < frame_length;) {
    ssize_t count = send(fd, frame_start + sent, frame_length - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    /* An agent that refuses a request may answer and close before it has read it all: its answer is worth more than EPIPE. */
    if (count < 0) break;
    sent += count;
  }
  for (size_t got = 0;;) {
    ssize_t count = read(fd, reply + got, sizeof reply - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return fail(TRY_AGAIN, "Agent took the request but did not answer in time", 0, 0);
    if (count <= 0) return fail(TRY_AGAIN, "Agent ended the connection before its reply was complete", 0, 0);
    got += count;
    int state = parse_reply(got);
    if (state != 0) return state < 0 ? -1 : 0;
  }
}

static unsigned long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000UL + now.tv_nsec / 1000000;
}

/* Appends a part of a spool file's name: nobody has checked these variables yet, and none may lead out of the folder. */
static void append_name_part(char *to, size_t size, const char *text) {
  for (int count = 0; *text && count < 80; text++, count++) {
    int is_plain = (*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z') || (*text >= 'a' && *text <= 'z') || *text == '.' || *text == '_';
    char one[2] = {is_plain ? *text : '_', 0};
    append(to, size, one);
  }
  append(to, size, "-");
}

/* Makes a folder and those above it; once one was made, sync() makes their entries as durable as what will be in them. */
static void make_folders(char *path) {
  int is_new = 0;
  for (char *slash = path + 1; *slash; slash++) {
    if (*slash != '/') continue;
    *slash = 0, is_new |= mkdir(path, 0700) == 0, *slash = '/';
  }
  is_new |= mkdir(path, 0700) == 0;
  if (is_new) sync();
}

static int sync_folder(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  int result = fd < 0 ? -1 : fsync(fd);
  if (fd >= 0) close(fd);
  return result;
}

/* Writes the request to <state>/del-spool/<containerid>-<ifname>-<pid>-<ns>.req, whole and on disk when this returns 0. */
static int spool(char *path, size_t size) {
  static char folder[3072], tmp[4096];
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  append(folder, sizeof folder, find_env("UNDERLANE_STATE_DIR=", "/var/lib/underlane"));
  append(folder, sizeof folder, "/del-spool");
  make_folders(folder);
  append(path, size, folder), append(path, size, "/");
  append_name_part(path, size, find_env("CNI_CONTAINERID=", ""));
  append_name_part(path, size, find_env("CNI_IFNAME=", ""));
  append_number(path, size, getpid()), append(path, size, "-");
  append_number(path, size, now.tv_sec * 1000000000UL + now.tv_nsec), append(path, size, ".req");
  append(tmp, sizeof tmp, path), append(tmp, sizeof tmp, ".tmp");
  int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return fail(TRY_AGAIN, "Agent is down and the DEL cannot be spooled to", tmp, error_text(errno));
  int is_written = write_all(fd, frame_start, frame_length) == 0 && fsync(fd) == 0;
  is_written &= close(fd) == 0;
  if (is_written && rename(tmp, path) == 0 && sync_folder(folder) == 0) return 0;
  fail(TRY_AGAIN, "Agent is down and the DEL cannot be spooled to", path, error_text(errno));
  unlink(tmp);
  return -1;
}

/* Nobody answered a DEL: keeps it for the agent's next start. */
static int keep_for_later(void) {
  static char path[3584];
  if (spool(path, sizeof path) < 0) return print_problem();
  /* An agent that came up meanwhile may have read the spool just before the file was there: it binds first, reads after. */
  int fd = open_agent();
  if (fd < 0 || exchange(fd) < 0) return 0;
  unlink(path);
  return write_all(1, reply_body, reply_length) < 0 ? 1 : (int)reply_exit;
}

static void pause_ms(long ms) {
  struct timespec pause = {.tv_nsec = ms * 1000000L};
  nanosleep(&pause, 0);
}

/* Moves this process into the cgroup that a file `cgroup.procs` is of. */
static int enter_cgroup(const char *file) {
  int fd = open(file, O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write_all(fd, "0", 1) == 0) return close(fd);
  fail(IO_FAILURE, "Cannot enter the cgroup of", file, error_text(errno));
  if (fd >= 0) close(fd);
  return -1;
}

/*
 * Becomes a third-party plugin, as a program of the node that the agent's container is on: outside of the agent's cgroups and in
 * the node's root. Arguments: the root, any number of cgroup.procs files as they are seen before it is entered, `--`, and the
 * program as it is seen after. A cgroup that cannot be entered holds no plugin up. Without program it tells whether everything
 * can be entered; that of the cgroups is left as it was when the process ends.
 */
static int launch(char **argument) {
  char *root = *argument ? *argument++ : "";
  char **file = argument;
  while (*argument && strcmp(*argument, "--")) argument++;
  char *program = *argument ? argument[1] : 0;
  int is_refused = 0;
  for (; *file && strcmp(*file, "--"); file++) is_refused |= enter_cgroup(*file) < 0;
  if (is_refused && !program) return print_problem();
  if (chroot(root) < 0 || chdir("/") < 0) {
    fail(IO_FAILURE, "Cannot enter the node's root", root, error_text(errno));
    return print_problem();
  }
  if (!program) return 0;
  char *arguments[] = {program, 0};
  for (int retry = 0; execve(program, arguments, environ) < 0 && errno == ETXTBSY && retry < BUSY_RETRIES; retry++) pause_ms(BUSY_PAUSE_MS);
  fail(IO_FAILURE, "Cannot run", program, error_text(errno));
  return print_problem();
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "--exec")) return launch(argv + 2);
  const char *name = argc > 0 && argv[0][0] ? argv[0] : "underlane", *command = find_env("CNI_COMMAND=", "");
  for (const char *from = name; *from; from++)
    if (*from == '/' && from[1]) name = from + 1;
  if (!*command) return print_usage(name);
  if (!strcmp(command, "VERSION")) {
    static const char answer[] = "{\"cniVersion\":\"" NEWEST_VERSION "\",\"supportedVersions\":[" VERSIONS "]}\n";
    int is_failed = write_all(1, answer, sizeof answer - 1) < 0;
    drain_stdin();
    return is_failed;
  }
  if (build_frame(name) < 0) {
    print_problem();
    drain_stdin();
    return 1;
  }
  int is_del = !strcmp(command, "DEL"), fd;
  unsigned long give_up = now_ms() + DEL_WAIT_MS;
  while ((fd = open_agent()) < 0 && is_del && now_ms() < give_up) pause_ms(DEL_PAUSE_MS);
  if (fd < 0 && is_del) return keep_for_later();
  if (fd < 0 && !strcmp(command, "STATUS")) problem_code = NOT_AVAILABLE;
  if (fd < 0 || exchange(fd) < 0) return print_problem();
  return write_all(1, reply_body, reply_length) < 0 ? 1 : (int)reply_exit;
}
