import Foundation
import PeerNet
import PeerState
import PeerTesting

/// The built program over its standard streams.
enum ProcessBenchmarks {
    /// Seconds from the start of the process to its first answer, on a store that exists.
    static func coldStarts(_ count: Int) throws -> [Double] {
        try Folder.with { folder in
            var times: [Double] = []
            for index in 0...count {
                let start = SystemClock.now()
                let child = try node(folder)
                try child.readLines(1)
                // The first start makes the identity and the store.
                if index > 0 { times.append(NodeBenchmarks.seconds(since: start)) }
                try child.stop()
            }
            return times.sorted()
        }
    }

    /// Pings per second with `window` in flight.
    static func pingRate(_ count: Int, window: Int) throws -> Double {
        try Folder.with { folder in
            let child = try node(folder)
            try child.readLines(1)
            let start = SystemClock.now()
            var sent = 0
            while sent < count {
                var batch = ""
                for _ in 0..<window {
                    sent += 1
                    batch += #"{"jsonrpc":"2.0","id":\#(sent),"method":"ping"}"# + "\n"
                }
                try child.send(batch)
                try child.readLines(window)
            }
            let rate = Double(sent) / NodeBenchmarks.seconds(since: start)
            try child.stop()
            return rate
        }
    }

    /// Resident memory of an idle node in MB, from the system's own account.
    static func residentMegabytes() throws -> Double {
        try Folder.with { folder in
            let child = try node(folder)
            try child.readLines(1)
            let status = try String(
                contentsOfFile: "/proc/\(child.processID)/status", encoding: .utf8)
            guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS") }),
                let kilobytes = Double(line.filter(\.isNumber))
            else { throw ChildProcess.Problem("no VmRSS") }
            try child.stop()
            return kilobytes / 1_024
        }
    }

    private static func node(_ folder: String) throws -> RawChild {
        let child = try RawChild([
            "run", "--data-dir", folder + "/node", "--listen", "127.0.0.1:0", "--log-level",
            "error",
        ])
        try child.send(RawChild.initialize)
        return child
    }
}
