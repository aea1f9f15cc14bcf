package import PeerState

/// Bounds of the agent's side, by the names of MCP 14.
extension Limits {
    package static let jsonDepth = 32
    package static let jsonNodes = 100_000
    package static let stdioLineBytes = 4 << 20
    package static let exchangesInFlight = 256
    package static let exchangeTimeout = Milliseconds.seconds(30)
    package static let listenStreams = 16
    package static let listenURIs = 256
    package static let updatePause: Milliseconds = 250
    package static let listChangePause = Milliseconds.seconds(1)
    package static let heartbeat = Milliseconds.seconds(15)
    package static let waitSecondsPlain = 50
    package static let waitSecondsWithProgress = 300
    package static let resultBytes = 96_000
    /// A file that can be read as a resource; larger frames are refused by some clients.
    package static let resourceFile = 512 << 10
    package static let readableChannelsListed = 50
    package static let truncatedLinks = 5
    package static let idPrefixDigits = 16
    package static let shownName = 64
    /// What a channel may be called: facts say its whole name, so that it is found by that.
    package static let shownChannel = 100
    package static let shownMarks = 3
    /// Characters of a message that another one answers.
    package static let shownPreview = 80
    package static let missedMessages = 10
    package static let cursorCharacters = 80
    /// What a session remembers of a client's declared capabilities.
    package static let capabilityBytes = 4_096
    package static let inviteLifeMilliseconds: UInt64 = 7 * 86_400_000
}
