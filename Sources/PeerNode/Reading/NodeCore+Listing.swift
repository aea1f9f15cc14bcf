package import PeerState

/// Lists of a server that acting needs.
extension NodeCore {
    package func roles(in server: Server.ID) throws(NodeFailure) -> [RoleInfo] {
        try hosted(server).state.roleInfos
    }

    package func proposals(in server: Server.ID) throws(NodeFailure) -> [ProposalInfo] {
        try hosted(server).state.proposalInfos
    }

    package func links(in server: Server.ID) throws(NodeFailure) -> [LinkInfo] {
        try hosted(server).state.linkInfos
    }
}
