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

extension StoreCode {
    /// What a person does about it when the store does not open; empty when the detail says it.
    package var advice: String {
        switch self {
        case .corrupt:
            "The file was left as it is. Run: peer-agent doctor; if only what follows from events "
                + "is damaged, peer-agent doctor --rebuild mends it, else restore a backup."
        case .newerSchema: "Run the later version of peer-agent that wrote it."
        case .foreignDatabase: "Name another data directory, or move this file away."
        case .locked: "Stop the other peer-agent, or name another data directory."
        case .diskFull: "Free some space and start again."
        case .readOnly: "Give this user the right to write there."
        case .storeFailed, .ioError: "Check the disk, then start again."
        default: ""
        }
    }
}

package typealias StoreFailure = Failure<StoreCode>
