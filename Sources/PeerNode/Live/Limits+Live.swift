package import PeerState

extension Limits {
    // What is shown of ephemeral messages (PROTOCOL 11)
    package static let voiceParticipants = 64
    /// Members shown as typing in one channel.
    package static let typingShown = 64
    /// Members of one server whose presence is remembered: all there may be.
    package static let presenceShown = maxMembers
    /// Texts being written in one server.
    package static let streamsShown = 256
    /// Signals of one peer that wait for its offer, or for it to enter.
    package static let signalsWaiting = 32
    /// Texts this node writes at once.
    package static let ownStreams = 64

    // How often this node speaks of itself
    package static let presenceRenewal = Milliseconds.seconds(20)
    /// What a piece of a text weighs beside the text: its place and its seal.
    static let deltaOverhead: UInt64 = 128
    package static let presencePause = Milliseconds.seconds(5)
    package static let voiceRenewal = Milliseconds.seconds(10)
    /// PROTOCOL 11: typing in one channel is told once in this time, whoever asks.
    package static let typingPause = Milliseconds.seconds(2)
    /// Without an act for this long one is away.
    package static let awayAfter = Milliseconds.seconds(600)
}

extension Limits {
    /// A text that gets no further piece for this long is given up.
    static let streamKept = Milliseconds.seconds(600)
}
