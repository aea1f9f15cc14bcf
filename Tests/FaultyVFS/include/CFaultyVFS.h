#ifndef PEER_FAULTY_VFS_H
#define PEER_FAULTY_VFS_H
#include <stdint.h>

/* A disk in memory on which SQLite runs, and which fails as it is told to (HOSTILE 1.7).

   Each disk is a file system layer of its own, registered under its name. A file is what was
   written last, and beside it what its sectors held before each write that no sync has followed.
   One thread at a time. */
typedef struct faulty_disk faulty_disk;

enum { FAULTY_SECTOR = 512 };

/* The calls that can fail, as a mask. */
enum {
    FAULTY_OPEN = 1,
    FAULTY_READ = 2,
    FAULTY_WRITE = 4,
    FAULTY_SYNC = 8,
    FAULTY_TRUNCATE = 16,
    FAULTY_LOCK = 32,
    FAULTY_DELETE = 64,
    FAULTY_ANY = 127
};

/* How a call fails. A write that fails halfway leaves half of its bytes. */
enum { FAULTY_IO = 0, FAULTY_BUSY = 1, FAULTY_FULL = 2, FAULTY_HALFWAY = 3 };

/* What becomes of writes that no sync followed. Mixed: of each sector by itself, whatever it held
   at any time since. */
enum { FAULTY_KEPT = 0, FAULTY_DROPPED = 1, FAULTY_MIXED = 2 };

/* The seed is that of SQLite's randomness; its clock begins there as well. */
faulty_disk *faulty_disk_new(uint64_t seed);
/* The same files, synced as far as they are; nothing fails on it. */
faulty_disk *faulty_disk_copy(const faulty_disk *disk, uint64_t seed);
/* Ends every connection; the last that closes takes the files along. */
void faulty_disk_free(faulty_disk *disk);
/* What `sqlite3_open_v2` takes. */
const char *faulty_disk_name(const faulty_disk *disk);

/* Calls of the mask since the last `faulty_disk_fail` or `faulty_disk_cut`. */
uint64_t faulty_disk_calls(const faulty_disk *disk);
/* Lets the `number`th call of the mask fail, counted from 1; 0 = none. `lasting`: all after it. */
void faulty_disk_fail(
    faulty_disk *disk, int mask, uint64_t number, int error, int lasting);
/* How many calls failed so. */
uint64_t faulty_disk_struck(const faulty_disk *disk);
/* The call that failed last; 0 = none. */
int faulty_disk_struck_call(const faulty_disk *disk);
/* Cuts the power after so many further calls that change something. */
void faulty_disk_cut(faulty_disk *disk, uint64_t calls);
/* Ends every connection now: each of its calls fails from here on. */
void faulty_disk_stop(faulty_disk *disk);
/* Whether the power is there. */
int faulty_disk_is_up(const faulty_disk *disk);
/* Lets it work again after `stop` or `cut`, without any fault; connections must be closed.
   `fate`: `FAULTY_KEPT` = only the process ended. */
void faulty_disk_start(faulty_disk *disk, int fate, uint64_t seed);
/* A sync reports success and keeps nothing. */
void faulty_disk_lie(faulty_disk *disk, int lies);
/* Bytes of all files together; 0 = no bound. */
void faulty_disk_limit(faulty_disk *disk, int64_t bytes);
int64_t faulty_disk_bytes(const faulty_disk *disk);

/* -1 when there is no such file. */
int64_t faulty_disk_size(const faulty_disk *disk, const char *name);
/* 0 when there is no such bit. */
int faulty_disk_flip(faulty_disk *disk, const char *name, int64_t bit);
void faulty_disk_shorten(faulty_disk *disk, const char *name, int64_t size);
void faulty_disk_remove(faulty_disk *disk, const char *name);
#endif
