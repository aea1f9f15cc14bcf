import Glibc

/// The command-line program.
@main
struct PeerAgent {
    static func main() async {
        StandardStreams.fillGaps()
        let code = await Invocation.run(Array(CommandLine.arguments.dropFirst()))
        exit(code.rawValue)
    }
}
