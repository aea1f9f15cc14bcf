/* The calls SQLite makes, each of which may fail. */
#include "faulty_vfs.h"
#include <string.h>

/* Whether a call fails; `code` is what the operating system's layer would report for it. */
static int strike(faulty_disk *disk, int call, int code) {
    if (!disk->is_up) return code;
    /* Between two calls that change something the power may go at any time: it is all one. */
    if (call & (FAULTY_OPEN | FAULTY_WRITE | FAULTY_SYNC | FAULTY_TRUNCATE | FAULTY_DELETE)) {
        if (disk->cut_after && disk->changes >= disk->cut_after - 1) {
            disk->is_up = 0;
            return code;
        }
        disk->changes++;
    }
    if (!(disk->mask & call)) return SQLITE_OK;
    disk->calls++;
    int isNow = disk->number
        && (disk->lasting ? disk->calls >= disk->number : disk->calls == disk->number);
    if (!isNow) return SQLITE_OK;
    disk->struck++;
    disk->struck_call = call;
    /* The system's layer has one word for a sync that fails, whatever the reason. */
    if (call == FAULTY_SYNC) return code;
    switch (disk->error) {
    case FAULTY_BUSY: return SQLITE_BUSY;
    case FAULTY_FULL: return SQLITE_FULL;
    default: return code;
    }
}

static open_file *handle(sqlite3_file *base) { return (open_file *)base; }

static int strike_file(open_file *opened, int call, int code) {
    if (opened->life != opened->disk->life) return code;
    return strike(opened->disk, call, code);
}

static int file_close(sqlite3_file *base) {
    open_file *opened = handle(base);
    faulty_disk *disk = opened->disk;
    file *file = opened->file;
    for (open_file **place = &file->opened; *place; place = &(*place)->next) {
        if (*place != opened) continue;
        *place = opened->next;
        break;
    }
    disk->open_count--;
    if (!file->name && !file->opened) faulty_unlink(disk, file);
    if (disk->is_released && disk->open_count == 0) faulty_destroy(disk);
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *into, int count, sqlite3_int64 offset) {
    open_file *opened = handle(base);
    int result = strike_file(opened, FAULTY_READ, SQLITE_IOERR_READ);
    if (result != SQLITE_OK) return result;
    file *file = opened->file;
    int64_t there = file->size > offset ? file->size - offset : 0;
    if (there > count) there = count;
    if (there) memcpy(into, file->bytes + offset, there);
    if (there == count) return SQLITE_OK;
    memset((char *)into + there, 0, count - there);
    return SQLITE_IOERR_SHORT_READ;
}

static int file_write(
    sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
    open_file *opened = handle(base);
    faulty_disk *disk = opened->disk;
    file *file = opened->file;
    int wasUp = disk->is_up && opened->life == disk->life;
    int result = strike_file(opened, FAULTY_WRITE, SQLITE_IOERR_WRITE);
    if (result != SQLITE_OK) {
        if (wasUp && disk->is_up && disk->error == FAULTY_HALFWAY) {
            faulty_write(file, bytes, count / 2, offset);
        }
        return result;
    }
    int64_t growth = offset + count - file->size;
    if (disk->limit && growth > 0) {
        int64_t left = disk->limit - faulty_disk_bytes(disk);
        if (growth > left) {
            int64_t fits = count - growth + (left > 0 ? left : 0);
            if (fits > 0) faulty_write(file, bytes, fits, offset);
            return SQLITE_FULL;
        }
    }
    return faulty_write(file, bytes, count, offset) ? SQLITE_OK : SQLITE_IOERR_NOMEM;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
    open_file *opened = handle(base);
    int result = strike_file(opened, FAULTY_TRUNCATE, SQLITE_IOERR_TRUNCATE);
    if (result != SQLITE_OK) return result;
    return faulty_resize(opened->file, size) ? SQLITE_OK : SQLITE_IOERR_NOMEM;
}

static int file_sync(sqlite3_file *base, int flags) {
    (void)flags;
    open_file *opened = handle(base);
    int wasUp = opened->disk->is_up && opened->life == opened->disk->life;
    int result = strike_file(opened, FAULTY_SYNC, SQLITE_IOERR_FSYNC);
    if (result != SQLITE_OK) {
        if (wasUp && opened->disk->is_up) opened->file->stuck = opened->file->undo_count;
        return result;
    }
    if (opened->disk->lies) return SQLITE_OK;
    faulty_sync(opened->file);
    /* With a new file its folder is synced, as the system's layer does for logs and journals. */
    if (!opened->file->is_lasting) faulty_sync_names(opened->disk);
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
    *size = handle(base)->file->size;
    return SQLITE_OK;
}

static int highest_lock_of_others(const open_file *opened) {
    int highest = SQLITE_LOCK_NONE;
    for (open_file *other = opened->file->opened; other; other = other->next) {
        int isDead = other->life != opened->disk->life;
        if (other != opened && !isDead && other->lock > highest) highest = other->lock;
    }
    return highest;
}

static int file_lock(sqlite3_file *base, int level) {
    open_file *opened = handle(base);
    if (level <= opened->lock) return SQLITE_OK;
    int result = strike_file(opened, FAULTY_LOCK, SQLITE_IOERR_LOCK);
    if (result != SQLITE_OK) return result;
    int others = highest_lock_of_others(opened);
    int isBusy = level == SQLITE_LOCK_SHARED   ? others >= SQLITE_LOCK_PENDING
        : level == SQLITE_LOCK_RESERVED        ? others >= SQLITE_LOCK_RESERVED
                                               : others >= SQLITE_LOCK_SHARED;
    if (isBusy) return SQLITE_BUSY;
    opened->lock = level;
    return SQLITE_OK;
}

static int file_unlock(sqlite3_file *base, int level) {
    if (level < handle(base)->lock) handle(base)->lock = level;
    return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *base, int *isReserved) {
    open_file *opened = handle(base);
    *isReserved = opened->lock >= SQLITE_LOCK_RESERVED
        || highest_lock_of_others(opened) >= SQLITE_LOCK_RESERVED;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
    (void)base, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *base) {
    (void)base;
    return FAULTY_SECTOR;
}

/* As the system's layer says of every disk: a write changes no byte beside its own. */
static int file_traits(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* Version 1 has no shared memory: the log's index is in the memory of the one connection that has
   the database for itself, as the product opens it. */
static const sqlite3_io_methods methods = {
    1, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock,
    file_unlock, file_is_reserved, file_control, file_sector, file_traits,
    NULL, NULL, NULL, NULL, NULL, NULL,
};

static faulty_disk *disk_of(sqlite3_vfs *vfs) { return vfs->pAppData; }

static int disk_open(
    sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags, int *given) {
    faulty_disk *disk = disk_of(vfs);
    base->pMethods = NULL;
    int result = strike(disk, FAULTY_OPEN, SQLITE_CANTOPEN);
    if (result != SQLITE_OK) return result;
    file *found = name ? faulty_find(disk, name) : NULL;
    if (found && !found->is_present) {
        faulty_forget(disk, found);
        found = NULL;
    }
    if (!found && name && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
    if (!found) found = faulty_add(disk, name);
    if (!found) return SQLITE_NOMEM;
    open_file *opened = handle(base);
    memset(opened, 0, sizeof(*opened));
    opened->disk = disk;
    opened->file = found;
    opened->life = disk->life;
    opened->next = found->opened;
    found->opened = opened;
    disk->open_count++;
    base->pMethods = &methods;
    if (given) *given = flags;
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int mustSync) {
    faulty_disk *disk = disk_of(vfs);
    int result = strike(disk, FAULTY_DELETE, SQLITE_IOERR_DELETE);
    if (result != SQLITE_OK) return result;
    file *found = faulty_find(disk, name);
    if (!found || !found->is_present) return SQLITE_IOERR_DELETE_NOENT;
    found->is_present = 0;
    if (mustSync || !found->is_lasting) faulty_forget(disk, found);
    return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
    (void)flags;
    file *found = faulty_find(disk_of(vfs), name);
    *result = found && found->is_present;
    return SQLITE_OK;
}

static int disk_path(sqlite3_vfs *vfs, const char *name, int count, char *into) {
    (void)vfs;
    if ((int)strlen(name) >= count) return SQLITE_CANTOPEN;
    strcpy(into, name);
    return SQLITE_OK;
}

static int disk_random(sqlite3_vfs *vfs, int count, char *into) {
    for (int at = 0; at < count; at++) into[at] = (char)faulty_random(&disk_of(vfs)->random);
    return count;
}

static int disk_sleep(sqlite3_vfs *vfs, int microseconds) {
    disk_of(vfs)->milliseconds += microseconds / 1000 + 1;
    return microseconds;
}

static int disk_time(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
    *milliseconds = disk_of(vfs)->milliseconds;
    return SQLITE_OK;
}

static int disk_days(sqlite3_vfs *vfs, double *days) {
    *days = (double)disk_of(vfs)->milliseconds / 86400000.0;
    return SQLITE_OK;
}

static int disk_error(sqlite3_vfs *vfs, int count, char *into) {
    (void)vfs;
    if (count > 0) into[0] = 0;
    return 0;
}

void faulty_register(faulty_disk *disk) {
    disk->vfs = (sqlite3_vfs){
        .iVersion = 2, .szOsFile = sizeof(open_file), .mxPathname = 256, .zName = disk->name,
        .pAppData = disk, .xOpen = disk_open, .xDelete = disk_delete, .xAccess = disk_access,
        .xFullPathname = disk_path, .xRandomness = disk_random, .xSleep = disk_sleep,
        .xCurrentTime = disk_days, .xGetLastError = disk_error,
        .xCurrentTimeInt64 = disk_time,
    };
    sqlite3_vfs_register(&disk->vfs, 0);
}
