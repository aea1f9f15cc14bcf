package import PeerState

/// What a principal does not want to be counted as unread, until when; local, never signed.
package struct Mutes: Hashable, Sendable {
    package internal(set) var channels: [Channel.ID: Mute] = [:]
    package internal(set) var servers: [Server.ID: Mute] = [:]

    package init() {}
}

package struct Mute: Hashable, Sendable {
    /// ms since 1970; `nil` = until it is lifted.
    package var untilMilliseconds: UInt64?

    package init(untilMilliseconds: UInt64?) {
        self.untilMilliseconds = untilMilliseconds
    }

    func holds(at now: UInt64) -> Bool { untilMilliseconds.map { now < $0 } ?? true }
}

package enum MuteSubject: Hashable, Sendable {
    case channel(Channel.ID, in: Server.ID)
    case server(Server.ID)

    package var server: Server.ID {
        switch self {
        case .channel(_, let server), .server(let server): server
        }
    }

    fileprivate var key: String {
        switch self {
        case .channel(let channel, let server): "c\(channel.hex)\(server.hex)"
        case .server(let server): "s\(server.hex)"
        }
    }
}

extension NodeCore {
    package func currentMutes(of principal: String) -> Mutes {
        let wall = now.wallMilliseconds
        var mutes = mutes[principal] ?? Mutes()
        mutes.channels = mutes.channels.filter { $0.value.holds(at: wall) }
        mutes.servers = mutes.servers.filter { $0.value.holds(at: wall) }
        return mutes
    }

    func isMuted(_ channel: Channel.ID, in server: Server.ID, _ principal: String) -> Bool {
        guard let mutes = mutes[principal] else { return false }
        let wall = now.wallMilliseconds
        return mutes.channels[channel]?.holds(at: wall) == true
            || mutes.servers[server]?.holds(at: wall) == true
    }

    /// - Parameter mute: `nil` lifts it.
    package mutating func setMute(_ subject: MuteSubject, _ mute: Mute?, of principal: String) {
        apply(subject, mute, principal)
        let value = mute.map { mute in
            withUnsafeBytes(of: (mute.untilMilliseconds ?? .max).bigEndian) { Array($0) }
        }
        current.batch.settings.append(
            Setting(name: "mute/\(subject.key)/\(principal)", value: value))
        change(.unread(subject.server))
    }

    private mutating func apply(_ subject: MuteSubject, _ mute: Mute?, _ principal: String) {
        switch subject {
        case .channel(let channel, _): mutes[principal, default: Mutes()].channels[channel] = mute
        case .server(let server): mutes[principal, default: Mutes()].servers[server] = mute
        }
    }

    /// - Parameter name: of the setting, after `mute/`.
    mutating func restoreMute(_ name: String, _ value: [UInt8]) {
        guard let slash = name.firstIndex(of: "/"), value.count == 8 else { return }
        let key = name[..<slash].dropFirst()
        let principal = String(name[name.index(after: slash)...])
        let until = value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let mute = Mute(untilMilliseconds: until == .max ? nil : until)
        if name.hasPrefix("c"), let channel = Channel.ID(hex: key.prefix(64)),
            let server = Server.ID(hex: key.dropFirst(64))
        {
            apply(.channel(channel, in: server), mute, principal)
        } else if name.hasPrefix("s"), let server = Server.ID(hex: key) {
            apply(.server(server), mute, principal)
        }
    }
}

extension Mutes {
    package subscript(_ subject: MuteSubject) -> Mute? {
        switch subject {
        case .channel(let channel, _): channels[channel]
        case .server(let server): servers[server]
        }
    }
}
