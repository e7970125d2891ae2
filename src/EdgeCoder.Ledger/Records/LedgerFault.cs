using System.Text.Json.Serialization;
using EdgeCoder.Protocol;

namespace EdgeCoder.Ledger.Records;

/// <summary>Why a record, a proof or a log is not what it says (economy-and-ledger 9). On the wire in <c>lower_snake_case</c>.</summary>
[JsonConverter(typeof(SnakeCaseEnum<LedgerFault>))]
public enum LedgerFault
{
    /// <summary>The bytes are no leaf, or no receipt: malformed, unknown members, another canonical form.</summary>
    NotCanonical,

    /// <summary>A version that is not known here.</summary>
    UnknownVersion,

    /// <summary>A sequence that is not one above the one before, or not the place in the log.</summary>
    InvalidSequence,

    /// <summary>It does not name the hash of the record before it.</summary>
    InvalidPrevHash,

    /// <summary>A hash is not that of the bytes it stands for.</summary>
    HashMismatch,

    /// <summary>The record is not signed by its coordinator's key.</summary>
    InvalidSignature,

    /// <summary>The proof does not lead from the leaf to the root.</summary>
    InclusionProofInvalid,

    /// <summary>The smaller tree is not the beginning of the larger one.</summary>
    ConsistencyProofInvalid,

    /// <summary>The checkpoint is malformed, another log's, or not signed by the log's key.</summary>
    CheckpointSignatureInvalid,

    /// <summary>Fewer trusted witnesses have cosigned the checkpoint than are asked for.</summary>
    QuorumNotReached,

    /// <summary>No key of this log is known.</summary>
    UnknownKey,

    /// <summary>A statement by which the log's key was changed is missing, changed, or not signed by both keys.</summary>
    KeyChainBroken,

    /// <summary>It is signed by a key of the log at a time at which that key does not count.</summary>
    KeyOutOfTime,

    /// <summary>The anchor does not carry the checkpoint's hash.</summary>
    AnchorPayloadInvalid,
}
