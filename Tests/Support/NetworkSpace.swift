/// A network namespace with one interface that has only IPv6, made without privileges.
package final class NetworkSpace: Sendable {
    private let holder: ChildProcess

    /// Runs a program inside.
    package let prefix: [String]

    private init(_ holder: ChildProcess) {
        self.holder = holder
        prefix = [
            "/usr/bin/nsenter", "--preserve-credentials", "-U", "-n", "-t",
            "\(holder.processID)",
        ]
    }

    /// Returns `nil` where the system does not allow it.
    package static func make() async throws -> NetworkSpace? {
        let script = """
            set -e
            ip link set lo up
            ip link add lan0 type veth peer name lan1
            ip link set lan0 up
            ip link set lan1 up
            ip -6 addr add fd99::1/64 dev lan0 nodad
            echo ready >&2
            exec cat
            """
        let holder: ChildProcess
        do {
            holder = try ChildProcess(
                "/usr/bin/unshare", ["-Urn", "/bin/sh", "-c", script], name: "namespace")
        } catch {
            return nil
        }
        let isReady = try await holder.wait(20, "for a namespace") { state -> Bool? in
            if String(decoding: state.errors, as: UTF8.self).contains("ready") { return true }
            return state.ending == nil ? nil : false
        }
        return isReady ? NetworkSpace(holder) : nil
    }

    package func end() { holder.closeInput() }
}
