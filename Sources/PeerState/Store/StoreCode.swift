/// Why the store or a file of the data directory refuses work.
///
/// - Source: PROTOCOL 13 (`locked`, `storeFailed`), HOSTILE H-120…H-124.
package enum StoreCode: UInt16, FailureCode {
    case cannotOpen = 300
    case busy = 301
    /// Damaged, truncated or not a database at all.
    case corrupt = 302
    case diskFull = 303
    case readOnly = 304
    case ioError = 305
    /// Written by a later version of the program.
    case newerSchema = 306
    /// A database of another program.
    case foreignDatabase = 307
    /// Another process uses the data directory.
    case locked = 308
    /// A sync failed, so what is on disk is unknown: nothing more is written until a restart.
    case storeFailed = 309
    case closed = 310
    /// A row contradicts one that is there; a mistake of the caller.
    case conflict = 311
    case outOfMemory = 312

    case keyMissing = 320
    /// Not a private regular file of the right size.
    case keyUnusable = 321
    /// Others than the owner may read or change it.
    case keyExposed = 322
    case alreadyExists = 323
}

package typealias StoreFailure = Failure<StoreCode>
