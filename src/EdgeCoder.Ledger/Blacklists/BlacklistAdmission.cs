using System.Text.Json.Serialization;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Blacklists;

/// <summary>What becomes of an event that a peer sends or relays. On the wire in <c>lower_snake_case</c>.</summary>
[JsonConverter(typeof(SnakeCaseEnum<BlacklistAdmissionVerdict>))]
public enum BlacklistAdmissionVerdict
{
    /// <summary>The next event of its source's chain.</summary>
    Next,

    /// <summary>Known; ignored.</summary>
    Duplicate,

    /// <summary>Malformed, of an unknown source, or its id is another event's.</summary>
    InvalidBlacklistPayload,

    /// <summary>The hash is not that of the bytes, or it does not follow the event before it.</summary>
    BlacklistEventHashMismatch,

    /// <summary>Not signed by the key of its source, whoever relays it.</summary>
    BlacklistCoordinatorSignatureInvalid,

    /// <summary>Events before it are missing: fetch them from the source.</summary>
    BlacklistSequenceGap,
}

/// <summary>Judges events of peers (economy-and-ledger 14, merge). Pure: what is known of the source is given.</summary>
public static class BlacklistAdmission
{
    /// <summary>Judges one. Order: hash, source, signature, duplicate, gap, link.</summary>
    /// <param name="received">What came, its form read.</param>
    /// <param name="sourceKey">Key of the source; null: not an approved peer.</param>
    /// <param name="headSequence">Last sequence known of the source; 0 without any.</param>
    /// <param name="headHash">Hash of that event; <see cref="BlacklistEvent.Genesis"/> without any.</param>
    /// <param name="knownHash">Hash of the event known at this place of the chain; null without one.</param>
    public static BlacklistAdmissionVerdict Judge(SignedBlacklistEvent received, VerifyingKey? sourceKey, long headSequence, string headHash, string? knownHash) => received switch
    {
        { HasItsHash: false } => BlacklistAdmissionVerdict.BlacklistEventHashMismatch,
        _ when sourceKey is null => BlacklistAdmissionVerdict.InvalidBlacklistPayload,
        _ when !received.IsSignedBy(sourceKey) => BlacklistAdmissionVerdict.BlacklistCoordinatorSignatureInvalid,

        // A source that signs two events for one place of its chain: the first one known stays.
        _ when knownHash is not null => knownHash == received.Hash ? BlacklistAdmissionVerdict.Duplicate : BlacklistAdmissionVerdict.BlacklistEventHashMismatch,
        _ when received.Event.Sequence != headSequence + 1 => BlacklistAdmissionVerdict.BlacklistSequenceGap,
        _ when received.Event.PrevEventHash != headHash => BlacklistAdmissionVerdict.BlacklistEventHashMismatch,
        _ => BlacklistAdmissionVerdict.Next,
    };
}
