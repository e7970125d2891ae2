using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Rotations;

/// <summary>Why a statement changes no key. On the wire in <c>lower_snake_case</c>.</summary>
[JsonConverter(typeof(SnakeCaseEnum<KeyFault>))]
public enum KeyFault
{
    /// <summary>The bytes are no statement: malformed, unknown members, another canonical form.</summary>
    NotCanonical,

    /// <summary>A version that is not known here.</summary>
    UnknownVersion,

    /// <summary>It is another coordinator's.</summary>
    OtherCoordinator,

    /// <summary>The id of the new key is not that of the key.</summary>
    KeyIdMismatch,

    /// <summary>It does not follow the statement before it: one is missing, it was replayed, or it leads back to an earlier key.</summary>
    NotNext,

    /// <summary>The new key has not signed it.</summary>
    NewSignatureInvalid,

    /// <summary>The old key has not signed it.</summary>
    OldSignatureInvalid,

    /// <summary>It is to count before the key before it, or the old key longer than 48 hours beside the new one.</summary>
    TimesInvalid,

    /// <summary>It is to count later than now.</summary>
    NotYet,
}
