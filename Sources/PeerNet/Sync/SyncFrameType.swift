/// The number that begins every frame.
///
/// - Source: PROTOCOL 9.2.
package enum SyncFrameType: UInt64, CaseIterable, Sendable {
    case ping = 1
    case pong = 2
    case bye = 3
    case rekey = 4
    case hello = 10
    case headsDelta = 11
    case headAsk = 12
    case headFull = 13
    case neg = 14
    case want = 15
    case preSync = 16
    case events = 17
    case credit = 18
    case forkProof = 19
    case iHave = 20
    case graft = 21
    case prune = 22
    case reject = 23
    case blobWant = 24
    case blobData = 25
    case blobNone = 26
    case ephemeral = 27
    case peers = 28
    case joinAsk = 29
    case joinAnswer = 30
    case push = 31
    case join = 32
    case forwardJoin = 33
    case neighbor = 34
    case neighborReply = 35
    case disconnect = 36
    case shuffle = 37
    case shuffleReply = 38
    case stateAsk = 40
    case stateTell = 41
    case negNeed = 42
    case offer = 43
    case relayBind = 50
    case relayOpen = 51
    case relayReady = 52
    case relayData = 53
    case relayClose = 54
    case relayRefuse = 55

    /// Types below this number that are not listed are `badFrame`; from it on they are ignored.
    package static let firstIgnored: UInt64 = 64

    /// Whether the second element is the server, so that a refusal can name it.
    var beginsWithServer: Bool {
        switch self {
        case .hello, .headsDelta, .headAsk, .headFull, .neg, .want, .preSync, .events, .forkProof,
            .iHave, .graft, .prune, .blobWant, .ephemeral, .peers, .joinAsk, .joinAnswer, .push,
            .join, .forwardJoin, .neighbor, .neighborReply, .disconnect, .shuffle, .shuffleReply,
            .stateAsk, .stateTell, .negNeed, .offer:
            true
        default: false
        }
    }
}
