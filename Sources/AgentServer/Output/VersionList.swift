import PeerNode
import PeerState

/// Earlier texts of a message, oldest first.
enum VersionList {
    static func json(_ versions: [MessageVersion]) -> JSON {
        .array(
            versions.map { version in
                [
                    "at": .string(Calendar.seconds(version.atMilliseconds)),
                    "text": .string(
                        Sanitiser.cut(
                            Sanitiser.text(version.text), bytes: OutputFormat.concise.bodyBytes
                        ).text),
                ]
            })
    }
}
