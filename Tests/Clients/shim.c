/* Stands between a node under test and the system, to make what rarely happens happen.
 *
 * SHIM_CLOCK=S       the clock on the wall begins at S seconds after 1970, and goes on
 * SHIM_NO_IPV6=1     there are no IPv6 sockets
 * SHIM_SIGNAL_AT=N   the Nth write to a database raises SIGINT
 * SHIM_SIGNALS=K     ... and the next ones too, K in all
 * SHIM_DISK=FILE     while FILE is there, writes to databases do not return
 * SHIM_LOOP=FILE     while FILE is there, waiting for sockets does not return
 * SHIM_FULL=FILE     while FILE is there, there is no room left for ...
 * SHIM_FULL_OF=WORD  ... files whose path holds WORD
 * SHIM_HELD=FILE     while FILE is there, writes to files of tokens do not return
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char *chosen(const char *name) { return getenv(name); }

static long number(const char *name, long otherwise)
{
    const char *text = chosen(name);
    return text ? strtol(text, NULL, 10) : otherwise;
}

static void while_there(const char *name)
{
    const char *file = chosen(name);
    while (file && access(file, F_OK) == 0)
        usleep(1000);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = dlsym(RTLD_NEXT, "clock_gettime");
    int result = next(clock, time);
    if (result == 0 && clock == CLOCK_REALTIME && chosen("SHIM_CLOCK")) {
        static atomic_long begun;
        long none = 0;
        atomic_compare_exchange_strong(&begun, &none, time->tv_sec);
        time->tv_sec += number("SHIM_CLOCK", 0) - begun;
    }
    return result;
}

int gettimeofday(struct timeval *time, void *zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

int socket(int domain, int type, int protocol)
{
    static int (*next)(int, int, int);
    if (!next) next = dlsym(RTLD_NEXT, "socket");
    if (domain == AF_INET6 && chosen("SHIM_NO_IPV6")) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    return next(domain, type, protocol);
}

int epoll_pwait(int epoll, struct epoll_event *events, int most, int timeout, const sigset_t *mask)
{
    static int (*next)(int, struct epoll_event *, int, int, const sigset_t *);
    if (!next) next = dlsym(RTLD_NEXT, "epoll_pwait");
    int result = next(epoll, events, most, timeout, mask);
    while_there("SHIM_LOOP");
    return result;
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout)
{
    return epoll_pwait(epoll, events, most, timeout, NULL);
}

/* The path of an open file, or nothing at all. */
static int path_of(int file, char *path, size_t size)
{
    char link[32];
    link[0] = 0;
    strcpy(link, "/proc/self/fd/");
    for (int place = 14, power = 1000000, begun = 0; power; power /= 10) {
        int digit = file / power % 10;
        if (digit || begun || power == 1) { link[place++] = '0' + digit; begun = 1; }
        link[place] = 0;
    }
    ssize_t length = readlink(link, path, size - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static int is_full(int file)
{
    const char *sign = chosen("SHIM_FULL"), *word = chosen("SHIM_FULL_OF");
    char path[512];
    return sign && word && access(sign, F_OK) == 0 && path_of(file, path, sizeof path)
        && strstr(path, word);
}

static void before_write(int file)
{
    static atomic_long count;
    char path[512];
    if (!chosen("SHIM_SIGNAL_AT") && !chosen("SHIM_DISK")) return;
    if (!path_of(file, path, sizeof path) || !strstr(path, ".db")) return;
    while_there("SHIM_DISK");
    long at = number("SHIM_SIGNAL_AT", 0), now = atomic_fetch_add(&count, 1) + 1;
    if (at && now >= at && now < at + number("SHIM_SIGNALS", 1)) kill(getpid(), SIGINT);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset)
{
    static ssize_t (*next)(int, const void *, size_t, off_t);
    if (!next) next = dlsym(RTLD_NEXT, "pwrite64");
    before_write(file);
    if (is_full(file)) {
        errno = ENOSPC;
        return -1;
    }
    return next(file, bytes, count, offset);
}

ssize_t write(int file, const void *bytes, size_t count)
{
    static ssize_t (*next)(int, const void *, size_t);
    char path[512];
    if (!next) next = dlsym(RTLD_NEXT, "write");
    if (chosen("SHIM_HELD") && path_of(file, path, sizeof path) && strstr(path, "/token"))
        while_there("SHIM_HELD");
    if (is_full(file)) {
        errno = ENOSPC;
        return -1;
    }
    return next(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset)
{
    return pwrite64(file, bytes, count, offset);
}

int fdatasync(int file)
{
    static int (*next)(int);
    if (!next) next = dlsym(RTLD_NEXT, "fdatasync");
    before_write(file);
    return next(file);
}

int fsync(int file)
{
    static int (*next)(int);
    if (!next) next = dlsym(RTLD_NEXT, "fsync");
    before_write(file);
    return next(file);
}
