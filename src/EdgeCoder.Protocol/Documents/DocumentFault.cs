using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Documents;

/// <summary>Why received bytes are not the signed document they should be.</summary>
[JsonConverter(typeof(SnakeCaseEnum<DocumentFault>))]
public enum DocumentFault
{
    /// <summary>Not strict JSON, or no object.</summary>
    InvalidJson,

    /// <summary>Not their own RFC 8785 form.</summary>
    NotCanonical,

    /// <summary>A version other than 1, or none where the context has one.</summary>
    UnknownVersion,

    /// <summary>No signature, or no text of 64 bytes in base64.</summary>
    SignatureMissing,

    /// <summary>Signed by another key, over other bytes, or in another context.</summary>
    SignatureInvalid,
}
