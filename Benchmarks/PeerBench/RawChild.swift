import Foundation
import Glibc
import PeerTesting

/// The built program on plain blocking pipes, so that the client costs next to nothing.
final class RawChild {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var lineCount = 0

    static let initialize =
        #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"#
        + #""protocolVersion":"2025-11-25","capabilities":{},"#
        + #""clientInfo":{"name":"bench","version":"1"}}}"# + "\n"

    init(_ arguments: [String]) throws {
        process.executableURL = URL(filePath: try AgentClientBench.program())
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    var processID: Int32 { process.processIdentifier }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(
                    input.fileHandleForWriting.fileDescriptor, $0.baseAddress?.advanced(by: sent),
                    bytes.count - sent)
            }
            guard count > 0 else { throw ChildProcess.Problem("the program does not read") }
            sent += count
        }
    }

    /// Blocks until `count` more lines have come.
    func readLines(_ count: Int) throws {
        lineCount -= count
        while lineCount < 0 {
            let read = Glibc.read(
                output.fileHandleForReading.fileDescriptor, &buffer, buffer.count)
            guard read > 0 else { throw ChildProcess.Problem("the program ended") }
            lineCount += buffer[..<read].count { $0 == 10 }
        }
    }

    /// Closes its input and waits for the end.
    func stop() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
