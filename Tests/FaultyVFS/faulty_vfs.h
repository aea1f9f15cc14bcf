#ifndef PEER_FAULTY_FILES_H
#define PEER_FAULTY_FILES_H
#include "CFaultyVFS.h"
#include <sqlite3.h>

/* What a sector held before a write that no sync followed, and how long its file was. */
typedef struct {
    int64_t sector; /* -1: only the length changed */
    int64_t size;
    int is_cut; /* of a truncation, which happens as a whole */
    uint8_t before[FAULTY_SECTOR];
} undo_entry;

typedef struct open_file open_file;

typedef struct file {
    struct file *next;
    char *name; /* NULL: of one connection, gone with it */
    uint8_t *bytes; /* zero from `size` to `room` */
    int64_t size, room;
    undo_entry *undo;
    int64_t undo_count, undo_room;
    int64_t stuck;  /* entries up to here were in a sync that failed: the next one skips them */
    int is_present; /* 0: deleted, and may come back */
    int is_lasting; /* its name was synced */
    open_file *opened;
} file;

struct open_file {
    sqlite3_file base;
    faulty_disk *disk;
    file *file;
    open_file *next;
    int lock;
    int flags;
    uint64_t life;
};

struct faulty_disk {
    sqlite3_vfs vfs;
    char name[32];
    file *files;
    uint64_t random;
    int64_t milliseconds;
    uint64_t life; /* handles of an earlier one are dead */
    int is_up, lies, is_released;
    int64_t limit;
    int open_count;
    uint64_t calls, struck, number, cut_after, changes;
    int mask, error, lasting, struck_call;
};

uint64_t faulty_random(uint64_t *state);
file *faulty_find(const faulty_disk *disk, const char *name);
file *faulty_add(faulty_disk *disk, const char *name);
void faulty_unlink(faulty_disk *disk, file *file);
void faulty_forget(faulty_disk *disk, file *gone);
int faulty_write(file *file, const void *bytes, int64_t count, int64_t offset);
int faulty_resize(file *file, int64_t size);
void faulty_sync(file *file);
void faulty_sync_names(faulty_disk *disk);
void faulty_lose(file *file, int fate, uint64_t *random);
file *faulty_copied(const file *source);
void faulty_register(faulty_disk *disk);
void faulty_destroy(faulty_disk *disk);
#endif
