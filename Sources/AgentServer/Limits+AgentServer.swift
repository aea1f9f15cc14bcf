package import PeerState

/// Bounds of the agent's side, by the names of MCP 14.
extension Limits {
    package static var jsonDepth: Int { OperatorLimit.jsonDepth.value }
    package static var jsonNodes: Int { OperatorLimit.jsonNodes.value }
    package static var stdioLineBytes: Int { OperatorLimit.stdioLineBytes.value }
    package static var exchangesInFlight: Int { OperatorLimit.exchangesInFlight.value }
    package static var exchangeTimeout: Milliseconds { .seconds(OperatorLimit.exchangeTimeout) }
    package static var listenStreams: Int { OperatorLimit.listenStreams.value }
    package static var listenURIs: Int { OperatorLimit.listenURIs.value }
    package static let updatePause: Milliseconds = 250
    package static let listChangePause = Milliseconds.seconds(1)
    package static let heartbeat = Milliseconds.seconds(15)
    package static var waitSecondsPlain: Int { OperatorLimit.waitPlain.value }
    package static var waitSecondsWithProgress: Int { OperatorLimit.waitProgress.value }
    package static var resultBytes: Int { OperatorLimit.resultBytes.value }
    package static var messageBytes: Int { OperatorLimit.messageBody.value }
    package static var captionBytes: Int { OperatorLimit.messageCaption.value }
    package static var inlineFile: Int { OperatorLimit.fileInline.value }
    package static var resultFileBytes: Int { OperatorLimit.resultFileBytes.value }
    package static var listenStreamsTotal: Int { OperatorLimit.listenStreamsTotal.value }
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
    /// Between the end of a token and that of the program whose standard streams it opened.
    static let pipeEndPause = Milliseconds(250)
    /// What a session remembers of a client's declared capabilities.
    package static let capabilityBytes = 4_096
}
