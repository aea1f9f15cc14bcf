/// One server as its stored events make it: who may do what, its channels, keys and messages.
///
/// A pure function of the event set: any order of arrival gives the same value and hash. Text is
/// never here, so peers without keys hold the same state (PROTOCOL 6.1).
package struct ServerState: Sendable {
    private let inPlace = InPlace()
    package let id: Server.ID
    /// Whose node holds this state; only decides which sealed boxes are kept at hand.
    let viewer: Peer.ID?
    package internal(set) var graph = EventGraph()

    // Server
    package internal(set) var created: ServerCreated?
    package internal(set) var founder: Peer.ID?
    package internal(set) var createdMilliseconds: UInt64 = 0
    var names: [(slot: Slot, text: String)] = []
    var descriptions: [(slot: Slot, text: String)] = []

    // Authority
    var authority = AuthorityIndex()
    /// What the lowerings of everything stored amount to.
    var current: Resolution
    /// What a checkpoint says about events while it is read; `current` and `activeMembers` are
    /// then still to be made.
    var remade: Remade?
    /// The same without any lowering.
    var plain: Resolution
    /// By what they follow from, as `ground` says; a cache of a pure function.
    var resolutions: [Past: Resolution] = [:]
    /// Their keys, the oldest first.
    var remembered: [Past] = []
    /// Links by which somebody came whose lowerings rest on that.
    var linksUnderLowerings: Set<Slot> = []
    /// Links with more admissions than uses, or revoked ones.
    var contestedLinks: Set<Slot> = []
    /// What is known of these; forgotten with every stored event.
    var claims = ClaimMemo()
    /// `role.set` events that take a permission away.
    var loweredSettings: Set<Slot> = []
    /// Why inadmissible events are.
    var refusals: [Slot: Failure<RuleCode>] = [:]

    /// Who is a member now, kept in step with grants and lowerings.
    package internal(set) var activeMembers: Set<Peer.ID> = []
    /// Whose membership a grant may just have changed.
    var regranted: Set<Peer.ID> = []
    /// The membership that is asked about again and again while one event is judged.
    var prepared: Prepared?
    var standings = StandingMemo()

    // People
    var profiles: [Peer.ID: [UInt64: [ProfileField]]] = [:]
    var prekeys: [Peer.ID: [Prekey]] = [:]

    // Channels and keys
    var channelRecords: [Slot: ChannelRecord] = [:]
    package internal(set) var epochs: [Epoch.ID: EpochInfo] = [:]
    /// By the event that ends the rotation.
    var epochChannels: [Slot: Channel.ID] = [:]
    var rotationParts: [Event.ID: RotationProgress] = [:]

    // Messages
    var content = ContentIndex()
    var causePlaces: [Slot: CausePlace] = [:]
    var answers: [AnswerCount: Int32] = [:]

    /// Section 15, kept as events become void or not.
    var voidRows = RowSum()
    /// Messages whose visible state changed since somebody last asked.
    var touchedMessages: Set<Slot> = []
    /// Earlier events whose effect changed since somebody last asked, and whether they had it.
    var changedEffects: [Slot: Bool] = [:]

    package init(id: Server.ID, viewer: Peer.ID? = nil) {
        self.id = id
        self.viewer = viewer
        current = Resolution(Resolution.Draft())
        plain = current
    }

    /// Whether the create event is here; nothing else can be stored before it.
    package var isFounded: Bool { created != nil }
    package var isDirect: Bool { created?.isDirect ?? false }
    package var name: String { isDirect ? "" : latest(names) ?? created?.name ?? "" }
    package var description: String { latest(descriptions) ?? "" }

    /// The text written last in canonical order by an event that takes effect.
    func latest(_ texts: [(slot: Slot, text: String)]) -> String? {
        texts.filter { graph.isEffective($0.slot) }.max { graph.precedes($0.slot, $1.slot) }?.text
    }

    mutating func found(_ body: ServerCreated, event: Event, slot: Slot) {
        created = body
        founder = event.author
        createdMilliseconds = event.wallMilliseconds
        var draft = Resolution.Draft()
        draft.owner = body.isDirect ? nil : event.author
        plain = Resolution(draft)
        current = plain
        guard body.isDirect else { return }
        channelRecords[slot] = ChannelRecord(direct: Channel.ID(id), slot: slot)
    }
}

/// The membership of somebody in one past.
struct Prepared: Sendable {
    let peer: Peer.ID
    let past: Past
    let standing: Standing?
}

/// The last write to one profile field, among others.
struct ProfileField: Hashable, Sendable {
    let slot: Slot
    let value: [UInt8]
}

/// One published prekey.
struct Prekey: Hashable, Sendable {
    let slot: Slot
    let event: Event.ID
    let seq: UInt64
    let key: Exchange.PublicKey
}

/// How deep an event stands in a chain of answers, and what started it.
struct CausePlace: Hashable, Sendable {
    let depth: Int32
    let root: Slot
}

struct AnswerCount: Hashable, Sendable {
    let author: AuthorNumber
    let root: Slot
}
