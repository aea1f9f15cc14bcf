import Glibc
import PeerNet
import PeerNode
import PeerState

// Health and numbers. A loop that hangs answers nobody, which is a failure, too.
extension MCPHTTPServer {
    func probe(_ id: UInt64, isReady: Bool) {
        if isReady && !isListening { return answer(id, .text(503, "stopping\n")) }
        let isAsked = !probes.isEmpty
        probes.append(HealthProbe(client: id, isReady: isReady, since: loop.now))
        if isAsked { return }  // One question to the store answers everybody.
        own { server in
            var health = await server.dispatcher.port.health()
            do {
                try await server.store.ping()
            } catch {
                health.isStoreAlive = false
                server.log.log(.error, "the store does not answer: \(error)")
            }
            server.answerProbes(health)
        }
    }

    private func answerProbes(_ health: NodeHealth) {
        let asked = probes
        // A connection may ask again as soon as it was answered.
        probes = []
        for probe in asked {
            let problem: String? =
                if !health.isStoreAlive {
                    "the store does not answer"
                } else if probe.isReady && !isListening {
                    "stopping"
                } else if probe.isReady && health.isRecovering {
                    "recovering"
                } else {
                    nil
                }
            answer(probe.client, problem.map { .text(503, $0 + "\n") } ?? .text(200, "ok\n"))
        }
    }

    func tickProbes(_ now: Instant) {
        guard let first = probes.first, now >= first.since + HealthProbe.patience else { return }
        answerProbes(NodeHealth(isStoreAlive: false))
    }

    func answerMetrics(_ id: UInt64, _ client: HTTPClient) {
        guard let access = client.access, access.scope >= .admin else {
            if let held = client.access?.issuedScopes {
                return answer(id, insufficient([.admin], held: held, client))
            }
            let error = MCPError(
                .scopeDenied, "Metrics need a token of scope admin.",
                data: ["needed": JSON([Scope.admin.rawValue])])
            return answer(id, .error(403, error))
        }
        own { server in
            let connection = await server.dispatcher.port.connection()
            let feed = await server.dispatcher.port.feedPosition()
            let text = server.metrics.text(
                gauges: server.gauges + [
                    ("links", "Connected peers.", UInt64(connection.links.count)),
                    ("feed_position", "Announcements made.", feed),
                ])
            let live = LiveMetrics.text(await server.dispatcher.port.liveCounters())
            var more = PrometheusText()
            await server.dispatcher.port.reach().write(to: &more)
            var response = HTTPResponse.text(200, text + live + more.lines)
            response.fields = [
                .init(name: "Content-Type", value: "text/plain; version=0.0.4; charset=utf-8")
            ]
            server.answer(id, response)
        }
    }

    private var gauges: [(name: String, help: String, value: UInt64)] {
        [
            ("http_connections", "Open connections.", UInt64(clients.count)),
            ("http_streams", "Open streams.", UInt64(replies.values.count(where: \.isStreaming))),
            ("exchanges", "Requests under way.", UInt64(flights.count)),
            ("sessions", "Legacy sessions.", UInt64(sessions.count)),
            ("tokens", "Tokens that work.", UInt64(liveTokens)),
            (
                "uptime_seconds", "Seconds since HTTP was served.",
                loop.now.milliseconds(since: startedAt) / 1_000
            ),
            ("resident_bytes", "Memory in use.", Self.residentBytes()),
            (
                "audit_failed", "1 when audit records cannot be kept.",
                store.auditFailure == nil ? 0 : 1
            ),
        ]
    }

    /// From the second number of `/proc/self/statm`, in pages; 0 where there is none.
    private static func residentBytes() -> UInt64 {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(file, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        let words = text.split(separator: " ")
        guard words.count > 1, let pages = UInt64(words[1]) else { return 0 }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
