using System.Text.Json.Serialization;
using EdgeCoder.Protocol;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>How a peer stands here (coordinator-and-mesh 9.1).</summary>
[JsonConverter(typeof(SnakeCaseEnum<PeerStatus>))]
internal enum PeerStatus
{
    /// <summary>An operator has pinned its id and key.</summary>
    Active,

    /// <summary>An operator has stopped it, or its log has shown two histories. It is asked nothing and answered nothing.</summary>
    Suspended,
}
