namespace EdgeCoder.Ledger.Anchors;

/// <summary>The script of an output that carries data and no coins: OP_RETURN and one push.</summary>
public static class DataOutput
{
    /// <summary>Most bytes that nodes relay in one.</summary>
    public const int MostBytes = 80;

    private const byte OpReturn = 0x6a;
    private const byte OpPushData1 = 0x4c;

    /// <summary>The script for some data. Throws <see cref="ArgumentException"/> <c>op_return_data_too_large</c>.</summary>
    public static byte[] Script(ReadOnlySpan<byte> data) => data.Length switch
    {
        0 => throw new ArgumentException("invalid_data_hex", nameof(data)),
        > MostBytes => throw new ArgumentException("op_return_data_too_large", nameof(data)),
        < OpPushData1 => [OpReturn, (byte)data.Length, .. data],
        _ => [OpReturn, OpPushData1, (byte)data.Length, .. data],
    };

    /// <summary>The data of a script; null where it is another kind of script, or has more than one push.</summary>
    public static byte[]? Read(ReadOnlySpan<byte> script) => script switch
    {
        [OpReturn, OpPushData1, var length, .. var data] when data.Length == length && length >= OpPushData1 => data.ToArray(),
        [OpReturn, > 0 and < OpPushData1 and var length, .. var data] when data.Length == length => data.ToArray(),
        _ => null,
    };
}
