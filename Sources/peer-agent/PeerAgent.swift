/// The command-line program.
@main
struct PeerAgent {
    static func main() {}
}
