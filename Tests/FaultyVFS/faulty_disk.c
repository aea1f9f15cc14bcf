/* What a test does with a disk. */
#include "faulty_vfs.h"
#include <stdio.h>
#include <stdlib.h>

/* 2026-01-01, in ms of the Julian calendar as SQLite counts. */
static const int64_t first_day = 212633985600000;

faulty_disk *faulty_disk_new(uint64_t seed) {
    faulty_disk *disk = calloc(1, sizeof(faulty_disk));
    if (!disk) return NULL;
    disk->random = seed;
    disk->milliseconds = first_day + (int64_t)(seed % 86400000);
    disk->is_up = 1;
    disk->mask = FAULTY_ANY;
    snprintf(disk->name, sizeof(disk->name), "disk-%llx", (unsigned long long)(uintptr_t)disk);
    faulty_register(disk);
    return disk;
}

faulty_disk *faulty_disk_copy(const faulty_disk *disk, uint64_t seed) {
    faulty_disk *copy = faulty_disk_new(seed);
    file **place = copy ? &copy->files : NULL;
    for (const file *each = disk->files; copy && each; each = each->next) {
        if (!each->name) continue;
        *place = faulty_copied(each);
        if (!*place) {
            faulty_disk_free(copy);
            return NULL;
        }
        place = &(*place)->next;
    }
    return copy;
}

void faulty_disk_free(faulty_disk *disk) {
    faulty_disk_stop(disk);
    disk->is_released = 1;
    if (disk->open_count == 0) faulty_destroy(disk);
}

void faulty_destroy(faulty_disk *disk) {
    while (disk->files) faulty_unlink(disk, disk->files);
    sqlite3_vfs_unregister(&disk->vfs);
    free(disk);
}

const char *faulty_disk_name(const faulty_disk *disk) { return disk->name; }
uint64_t faulty_disk_calls(const faulty_disk *disk) { return disk->calls; }
uint64_t faulty_disk_struck(const faulty_disk *disk) { return disk->struck; }
int faulty_disk_struck_call(const faulty_disk *disk) { return disk->struck_call; }
int faulty_disk_is_up(const faulty_disk *disk) { return disk->is_up; }
void faulty_disk_lie(faulty_disk *disk, int lies) { disk->lies = lies; }
void faulty_disk_limit(faulty_disk *disk, int64_t bytes) { disk->limit = bytes; }

void faulty_disk_fail(
    faulty_disk *disk, int mask, uint64_t number, int error, int lasting) {
    disk->calls = 0;
    disk->struck = 0;
    disk->struck_call = 0;
    disk->mask = mask;
    disk->number = number;
    disk->error = error;
    disk->lasting = lasting;
}

void faulty_disk_cut(faulty_disk *disk, uint64_t calls) {
    disk->calls = 0;
    disk->changes = 0;
    disk->cut_after = calls + 1;
}

void faulty_disk_stop(faulty_disk *disk) {
    disk->is_up = 0;
    disk->life++;
}

void faulty_disk_start(faulty_disk *disk, int fate, uint64_t seed) {
    uint64_t random = seed;
    disk->is_up = 1;
    disk->life++;
    disk->lies = 0;
    disk->cut_after = 0;
    disk->limit = 0;
    faulty_disk_fail(disk, FAULTY_ANY, 0, FAULTY_IO, 0);
    file *next;
    for (file *each = disk->files; each; each = next) {
        next = each->next;
        if (fate == FAULTY_KEPT && each->is_present) continue;
        /* A name that was never synced may be gone, one whose removal was not may be back. */
        int isUnsure = fate != FAULTY_KEPT && each->is_lasting != each->is_present;
        int isThere = isUnsure && fate == FAULTY_MIXED ? faulty_random(&random) % 2 == 0
            : isUnsure                                 ? each->is_lasting
                                                       : each->is_present;
        if (!isThere) {
            faulty_forget(disk, each);
            continue;
        }
        each->is_present = 1;
        faulty_lose(each, fate, &random);
    }
}

int64_t faulty_disk_bytes(const faulty_disk *disk) {
    int64_t bytes = 0;
    for (const file *each = disk->files; each; each = each->next) {
        if (each->is_present) bytes += each->size;
    }
    return bytes;
}

static file *present(const faulty_disk *disk, const char *name) {
    file *found = faulty_find(disk, name);
    return found && found->is_present ? found : NULL;
}

int64_t faulty_disk_size(const faulty_disk *disk, const char *name) {
    file *found = present(disk, name);
    return found ? found->size : -1;
}

int faulty_disk_flip(faulty_disk *disk, const char *name, int64_t bit) {
    file *found = present(disk, name);
    if (!found || bit < 0 || bit / 8 >= found->size) return 0;
    found->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    return 1;
}

void faulty_disk_shorten(faulty_disk *disk, const char *name, int64_t size) {
    file *found = present(disk, name);
    if (!found || size >= found->size) return;
    faulty_resize(found, size);
    faulty_sync(found);
}

void faulty_disk_remove(faulty_disk *disk, const char *name) {
    file *found = present(disk, name);
    if (found) faulty_forget(disk, found);
}
