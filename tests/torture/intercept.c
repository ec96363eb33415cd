/* Interposes the C library's file and socket calls (LD_PRELOAD) to inject faults at chosen ones.
 *
 * Below `root` every call that changes something is counted, and every send and receive of an internet socket; the
 * call at which the armed fault is due kills the process, fails, writes a part only, or raises a signal. Python and
 * SQLite both go through these functions. Unarmed, nothing is changed. Linux with glibc only.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { OPEN, WRITE, FSYNC, RENAME, UNLINK, TRUNCATE, MKDIR, SEND, RECEIVE, CALLS };
static const char *const NAMES[] = {"open", "write", "fsync", "rename", "unlink", "truncate", "mkdir", "send", "receive"};

enum { NONE, KILL_BEFORE, KILL_AFTER, LOSE_POWER_BEFORE, LOSE_POWER_AFTER, FAIL, FAIL_FROM_HERE, SHORT, SIGNAL };

static struct {
    int armed, mask, nth, action, number, trace;
    char root[PATH_MAX];
    size_t length;
} fault;
static int counts[CALLS];
static int total;

/* Files with bytes that no fsync has confirmed: what they had at the last one, and a descriptor that stays open. */
static struct unsynced { dev_t device; ino_t inode; off_t size; int held; } unsynced[256];
static int files;
/* Guards them. Whoever loses power keeps it: without it another thread could fsync a file, and name it, between the
 * decision to cut it and its death. */
static pthread_mutex_t unsynced_lock = PTHREAD_MUTEX_INITIALIZER;

int torture_arm(const char *root, int mask, int nth, int action, int number, int trace) {
    fault.length = strlen(root);
    if (fault.length >= sizeof fault.root) return -1;
    memcpy(fault.root, root, fault.length + 1);
    fault.mask = mask, fault.nth = nth, fault.action = action, fault.number = number, fault.trace = trace;
    fault.armed = 1;
    return 0;
}

int torture_count(int call) { return counts[call]; }

static int is_below(const char *path) {
    return !strncmp(path, fault.root, fault.length) && (path[fault.length] == '/' || !path[fault.length]);
}

static const char *path_of(int descriptor, char *path) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    long length = syscall(SYS_readlink, link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    return path;
}

/* Returns a path from the root of all files on. The working directory of a case is its root. */
static const char *absolute(int folder, const char *path, char *buffer) {
    char start[PATH_MAX];
    if (path[0] == '/') return path;
    snprintf(buffer, 2 * PATH_MAX, "%s/%s", folder == AT_FDCWD ? fault.root : path_of(folder, start), path);
    return buffer;
}

static struct unsynced *tracked(int descriptor) {
    struct stat status;
    if (fstat(descriptor, &status) || !S_ISREG(status.st_mode)) return NULL;
    for (int at = 0; at < files; at++)
        if (unsynced[at].device == status.st_dev && unsynced[at].inode == status.st_ino) return &unsynced[at];
    if (files == sizeof unsynced / sizeof *unsynced) return NULL;
    unsynced[files] = (struct unsynced){status.st_dev, status.st_ino, status.st_size, fcntl(descriptor, F_DUPFD_CLOEXEC, 500)};
    return &unsynced[files++];
}

static int loses_power(void) { return fault.action == LOSE_POWER_BEFORE || fault.action == LOSE_POWER_AFTER; }

/* Keeps a file that is about to be written, as its bytes can be lost from now on. */
static void begin_unsynced(int descriptor) {
    if (!loses_power()) return;
    pthread_mutex_lock(&unsynced_lock);
    tracked(descriptor);
    pthread_mutex_unlock(&unsynced_lock);
}

/* Confirms the bytes of a file after its fsync. */
static void end_unsynced(int descriptor) {
    if (!loses_power()) return;
    pthread_mutex_lock(&unsynced_lock);
    struct unsynced *file = tracked(descriptor);
    struct stat status;
    if (file && !fstat(descriptor, &status)) file->size = status.st_size;
    pthread_mutex_unlock(&unsynced_lock);
}

static void die(void) {
    if (loses_power()) {
        pthread_mutex_lock(&unsynced_lock);
        for (int at = 0; at < files; at++) {
            struct stat status;
            if (!fstat(unsynced[at].held, &status) && status.st_size > unsynced[at].size)
                syscall(SYS_ftruncate, unsynced[at].held, unsynced[at].size);
        }
    }
    for (;;) syscall(SYS_kill, getpid(), SIGKILL);
}

/* Counts a call; returns the action that is due at it. */
static int count(int call, const char *path, const char *other) {
    if (!fault.armed) return NONE;
    __atomic_add_fetch(&counts[call], 1, __ATOMIC_SEQ_CST);
    if (fault.trace >= 0) {
        char line[4 * PATH_MAX + 64];
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        int length = snprintf(line, sizeof line, "%lld.%09ld\t%s\t%s\t%s\n", (long long)now.tv_sec, now.tv_nsec, NAMES[call], path, other);
        syscall(SYS_write, fault.trace, line, length);
    }
    if (!(fault.mask >> call & 1)) return NONE;
    int nth = __atomic_add_fetch(&total, 1, __ATOMIC_SEQ_CST);
    if (nth < fault.nth || (nth > fault.nth && fault.action != FAIL_FROM_HERE)) return NONE;
    if (fault.action == KILL_BEFORE || fault.action == LOSE_POWER_BEFORE) die();
    if (fault.action == SIGNAL) {
        syscall(SYS_kill, getpid(), fault.number);
        return NONE;
    }
    if (fault.action != FAIL_FROM_HERE) return fault.action;
    /* A disk that gets full takes a part of the first write. */
    return call == WRITE && nth == fault.nth ? SHORT : FAIL;
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define CALL(call, is_counted, path, other, expression)                 \
    int due = (is_counted) ? count(call, path, other) : NONE;           \
    if (due == FAIL) return errno = fault.number, -1;                    \
    __typeof__(expression) result = (expression);                       \
    if (due == KILL_AFTER || due == LOSE_POWER_AFTER) die();            \
    return result

#define OPENS(name, folder, before, forward)                                                  \
    int name before {                                                                         \
        mode_t mode = 0;                                                                      \
        if (flags & (O_CREAT | __O_TMPFILE)) {                                                \
            va_list rest;                                                                     \
            va_start(rest, flags);                                                            \
            mode = va_arg(rest, mode_t);                                                      \
            va_end(rest);                                                                     \
        }                                                                                     \
        REAL(name);                                                                           \
        char buffer[2 * PATH_MAX];                                                            \
        int writes = fault.armed && ((flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT);     \
        const char *full = writes ? absolute(folder, path, buffer) : "";                      \
        CALL(OPEN, writes && is_below(full), full, "", real forward);                         \
    }
OPENS(open, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPENS(open64, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPENS(openat, folder, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPENS(openat64, folder, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

static int is_ours_open(int descriptor, char *path) { return fault.armed && is_below(path_of(descriptor, path)); }

#define WRITES(name, before, forward)                                                       \
    ssize_t name before {                                                                   \
        REAL(name);                                                                         \
        char path[PATH_MAX];                                                                \
        if (!is_ours_open(descriptor, path)) return real forward;                           \
        begin_unsynced(descriptor);                                                         \
        int due = count(WRITE, path, "");                                                   \
        if (due == SHORT && size > 1) size /= 2;                                             \
        if (due == FAIL) return errno = fault.number, -1;                               \
        ssize_t result = real forward;                                                      \
        if (due == KILL_AFTER || due == LOSE_POWER_AFTER) die();                            \
        return result;                                                                      \
    }
WRITES(write, (int descriptor, const void *data, size_t size), (descriptor, data, size))
WRITES(pwrite, (int descriptor, const void *data, size_t size, off_t at), (descriptor, data, size, at))
WRITES(pwrite64, (int descriptor, const void *data, size_t size, off64_t at), (descriptor, data, size, at))

#define SYNCS(name)                                                                         \
    int name(int descriptor) {                                                              \
        REAL(name);                                                                         \
        char path[PATH_MAX];                                                                \
        if (!is_ours_open(descriptor, path)) return real(descriptor);                       \
        int due = count(FSYNC, path, "");                                                   \
        if (due == FAIL) return errno = fault.number, -1;                                    \
        int result = real(descriptor);                                                      \
        end_unsynced(descriptor);                                                           \
        if (due == KILL_AFTER || due == LOSE_POWER_AFTER) die();                            \
        return result;                                                                      \
    }
SYNCS(fsync)
SYNCS(fdatasync)

#define TRUNCATES(name, type)                                                               \
    int name(int descriptor, type size) {                                                   \
        REAL(name);                                                                         \
        char path[PATH_MAX];                                                                \
        CALL(TRUNCATE, is_ours_open(descriptor, path), path, "", real(descriptor, size));   \
    }
TRUNCATES(ftruncate, off_t)
TRUNCATES(ftruncate64, off64_t)

#define RENAMES(name, source, target, before, forward)                                             \
    int name before {                                                                       \
        REAL(name);                                                                         \
        char buffers[2][2 * PATH_MAX];                                                      \
        const char *old = fault.armed ? absolute(source, from, buffers[0]) : "";            \
        const char *new = fault.armed ? absolute(target, to, buffers[1]) : "";              \
        CALL(RENAME, fault.armed && is_below(new), old, new, real forward);                 \
    }
RENAMES(rename, AT_FDCWD, AT_FDCWD, (const char *from, const char *to), (from, to))
RENAMES(link, AT_FDCWD, AT_FDCWD, (const char *from, const char *to), (from, to))
RENAMES(renameat, first, second, (int first, const char *from, int second, const char *to), (first, from, second, to))
RENAMES(linkat, first, second, (int first, const char *from, int second, const char *to, int flags), (first, from, second, to, flags))
RENAMES(renameat2, first, second, (int first, const char *from, int second, const char *to, unsigned flags), (first, from, second, to, flags))

#define REMOVES(name, call, folder, before, forward)                                        \
    int name before {                                                                       \
        REAL(name);                                                                         \
        char buffer[2 * PATH_MAX];                                                          \
        const char *full = fault.armed ? absolute(folder, path, buffer) : "";               \
        CALL(call, fault.armed && is_below(full), full, "", real forward);                  \
    }
REMOVES(unlink, UNLINK, AT_FDCWD, (const char *path), (path))
REMOVES(unlinkat, UNLINK, folder, (int folder, const char *path, int flags), (folder, path, flags))
REMOVES(mkdir, MKDIR, AT_FDCWD, (const char *path, mode_t mode), (path, mode))
REMOVES(mkdirat, MKDIR, folder, (int folder, const char *path, mode_t mode), (folder, path, mode))

static int is_internet(int socket) {
    int domain;
    socklen_t size = sizeof domain;
    return fault.armed && !getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) && (domain == AF_INET || domain == AF_INET6);
}

ssize_t send(int socket, const void *data, size_t size, int flags) {
    REAL(send);
    CALL(SEND, is_internet(socket), "", "", real(socket, data, size, flags));
}

ssize_t recv(int socket, void *data, size_t size, int flags) {
    REAL(recv);
    CALL(RECEIVE, is_internet(socket), "", "", real(socket, data, size, flags));
}
