/*
 * Times programs as a container runtime would feel them: from just before they are started to their end.
 *
 *   stopwatch DIR JOBS AT_ONCE
 *
 * A job is one program or several in a row, `DIR/<job>.<step>.env` from step 0 on: the program and its whole environment,
 * each ended by a NUL. Stdin is the same with `.in`, stdout goes to `.out`. Never more than AT_ONCE jobs run together.
 * Prints one line a job: nanoseconds, and the exit code of its last program; a job ends at the first that fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEPS 8
#define WORDS 64

struct job {
	char *words[STEPS][WORDS];
	int steps, step, code;
	pid_t pid;
	long long start, ns;
};

static const char *dir;

static void die(const char *what, int error)
{
	fprintf(stderr, "stopwatch: %s: %s\n", what, strerror(error));
	exit(1);
}

static long long now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static const char *path_of(int job, int step, const char *what)
{
	static char paths[2][4096];
	static int turn;
	char *path = paths[turn++ & 1];
	snprintf(path, sizeof paths[0], "%s/%d.%d.%s", dir, job, step, what);
	return path;
}

/* Reads a step's words; 0 when there is no such step. */
static int read_step(struct job *job, int index)
{
	const char *path = path_of(index, job->steps, "env");
	int fd = open(path, O_RDONLY | O_CLOEXEC), count = 0;
	if (fd < 0)
		return 0;
	char *bytes = malloc(65536);
	ssize_t got = read(fd, bytes, 65536);
	if (got <= 0)
		die(path, errno);
	for (char *word = bytes; word < bytes + got && count < WORDS - 1; word += strlen(word) + 1)
		job->words[job->steps][count++] = word;
	close(fd);
	job->steps++;
	return 1;
}

static void start_step(struct job *job, int index)
{
	posix_spawn_file_actions_t files;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, path_of(index, job->step, "in"), O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, path_of(index, job->step, "out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char **words = job->words[job->step], *argv[] = {words[0], NULL};
	int error = posix_spawn(&job->pid, words[0], &files, NULL, argv, words + 1);
	if (error != 0)
		die(words[0], error);
	posix_spawn_file_actions_destroy(&files);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: stopwatch DIR JOBS AT_ONCE\n");
		return 2;
	}
	dir = argv[1];
	int count = atoi(argv[2]), at_once = atoi(argv[3]);
	struct job *jobs = calloc(count, sizeof *jobs);
	for (int index = 0; index < count; index++)
		while (jobs[index].steps < STEPS && read_step(&jobs[index], index))
			;

	for (int next = 0, running = 0; next < count || running > 0;) {
		while (next < count && running < at_once) {
			jobs[next].start = now();
			start_step(&jobs[next], next);
			next++, running++;
		}
		int status;
		pid_t pid = waitpid(-1, &status, 0);
		long long end = now();
		if (pid < 0 && errno != EINTR)
			die("waitpid", errno);
		for (int index = 0; pid > 0 && index < next; index++) {
			struct job *job = &jobs[index];
			if (job->pid != pid)
				continue;
			job->pid = 0;
			job->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			if (job->code == 0 && ++job->step < job->steps) {
				start_step(job, index);
			} else {
				job->ns = end - job->start;
				running--;
			}
			break;
		}
	}
	for (int index = 0; index < count; index++)
		printf("%lld %d\n", jobs[index].ns, jobs[index].code);
	return 0;
}
