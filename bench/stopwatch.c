/*
 * Times a program as a container runtime would feel it: from just before it is started to its end.
 *
 *   stopwatch STDIN_FILE STDOUT_FILE PROGRAM [ARGS...]
 *
 * Prints the nanoseconds. Ends with the program's exit code.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: stopwatch STDIN_FILE STDOUT_FILE PROGRAM [ARGS...]\n");
		return 2;
	}
	posix_spawn_file_actions_t files;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, argv[1], O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);

	pid_t pid;
	int status;
	long long start = now();
	int error = posix_spawn(&pid, argv[3], &files, NULL, argv + 3, environ);
	if (error != 0) {
		fprintf(stderr, "stopwatch: %s: %s\n", argv[3], strerror(error));
		return 1;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	printf("%lld\n", now() - start);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
