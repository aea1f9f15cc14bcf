import Foundation
import PeerState
import Testing

/// H-123: one key, one process.
@Suite struct ProcessLockTests {
    @Test func `H-123 a second store on a directory is refused until the first is closed`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let first = try Made.open(directory)
        let failure = #expect(throws: StoreFailure.self) { try Made.open(directory) }
        #expect(failure?.code == .locked)
        #expect(failure?.detail.contains("\(getpid())") == true)
        try first.commit([Made.own(Made.event(1))])
        try first.close()
        let second = try Made.open(directory)
        #expect(try second.all().count == 1)
    }

    /// A process made by another thread has it until it becomes another program.
    @Test func `a copy of the descriptor does not keep the lock of a closed store`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let first = try Made.open(directory)
        let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let number = files.first { name in
            let path = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/fd/" + name)
            return path == directory.lock
        }
        let copy = dup(try #require(number.flatMap { Int32($0) }))
        defer { close(copy) }
        try first.close()
        try Made.open(directory).close()
    }

    @Test func `a failed opening releases the lock`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: directory.database))
        #expect(throws: StoreFailure.self) { try Made.open(directory) }
        try FileManager.default.removeItem(atPath: directory.database)
        _ = try Made.open(directory)
    }

    @Test func `H-123 the lock of a killed process is gone with it`() throws {
        let tool = "/usr/bin/flock"
        guard FileManager.default.isExecutableFile(atPath: tool) else {
            return print("skipped: no flock")
        }
        let scratch = try Scratch()
        let directory = try scratch.data()
        let holder = Process()
        let (input, output) = (Pipe(), Pipe())
        holder.executableURL = URL(fileURLWithPath: tool)
        // `-o`: only the tool itself holds the lock, not the shell under it.
        holder.arguments = ["-o", directory.lock, "sh", "-c", "echo ready; read line"]
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        let ready = try output.fileHandleForReading.read(upToCount: 5)
        #expect(ready == Data("ready".utf8))
        let failure = #expect(throws: StoreFailure.self) { try Made.open(directory) }
        #expect(failure?.code == .locked)
        kill(holder.processIdentifier, SIGKILL)
        // The shell left behind ends with its input, and only then is the exit reported.
        try input.fileHandleForWriting.close()
        holder.waitUntilExit()
        _ = try Made.open(directory)
    }
}
