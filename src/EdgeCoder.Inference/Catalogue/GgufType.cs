namespace EdgeCoder.Inference.Catalogue;

/// <summary>Numbers of ggml's <c>docs/gguf.md</c> (value types) and <c>llama.h</c> (<c>llama_ftype</c>).</summary>
internal static class GgufType
{
    public const uint UInt8 = 0;
    public const uint Int8 = 1;
    public const uint UInt16 = 2;
    public const uint Int16 = 3;
    public const uint UInt32 = 4;
    public const uint Int32 = 5;
    public const uint Float32 = 6;
    public const uint Bool = 7;
    public const uint String = 8;
    public const uint Array = 9;
    public const uint UInt64 = 10;
    public const uint Int64 = 11;
    public const uint Float64 = 12;

    /// <summary>Bytes of a value; null for text, arrays and unknown types.</summary>
    public static int? Size(uint type) => type switch
    {
        UInt8 or Int8 or Bool => 1,
        UInt16 or Int16 => 2,
        UInt32 or Int32 or Float32 => 4,
        UInt64 or Int64 or Float64 => 8,
        _ => null,
    };

    /// <summary>Name of <c>general.file_type</c>; null for one not listed here.</summary>
    public static string? Quantization(long fileType) => fileType switch
    {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 => "Q2_K",
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        18 => "Q6_K",
        25 => "IQ4_NL",
        30 => "IQ4_XS",
        32 => "BF16",
        _ => null,
    };
}
