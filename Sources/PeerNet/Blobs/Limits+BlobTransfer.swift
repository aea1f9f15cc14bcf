package import PeerState

extension Limits {
    // Asking
    /// Bytes of a chunk in one frame.
    package static let blobPiece = 32_768
    /// Chunks asked for at once by one node, and of one peer.
    package static let blobFetches = 4
    package static let blobFetchesPerLink = 3
    /// Wants of events that are open on one link, so that with those of files they stay within
    /// `wantsPerLink`.
    package static let eventWantsPerLink = wantsPerLink - blobFetchesPerLink
    /// Chunks of which some bytes are held; each has at most 4 MiB.
    package static let blobPartials = 8
    /// Chunks that wait to be asked for; more are refused.
    package static let blobRequests = 512
    /// How long a chunk waits for somebody to ask.
    package static let blobPatience = Milliseconds.seconds(20)
    /// Received bytes after which credit is returned while more is needed than is left.
    package static let blobCreditReturn = 512 << 10
    /// Credit frames a second to one peer; above it a chunk is wanted again from where it stands,
    /// which brings credit too and is no frame that counts against this node.
    package static let blobCreditsPerSecond = 60
    /// How long a peer that is busy is left alone.
    package static let blobBusyPause = Milliseconds.seconds(1)

    // Serving
    /// Bytes read from disk at once for one chunk that is served.
    package static let blobPage = 256 << 10
    /// Bytes of files handed to a link before the earlier ones have left; what is said meanwhile
    /// waits for no more than these.
    package static let blobAhead = 128 << 10
    /// Chunks served at once to all peers.
    package static let blobServes = 32
    /// How long a peer may leave a chunk without giving credit.
    package static let blobServeIdle = Milliseconds.seconds(60)
}
