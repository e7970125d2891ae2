namespace EdgeCoder.Protocol.Canonical;

/// <summary>Bytes that grow at the end and can be cut back.</summary>
internal sealed class ByteBuffer(int capacity)
{
    private byte[] _bytes = new byte[capacity];

    /// <summary>Bytes in use; smaller cuts the end off.</summary>
    public int Count { get; set; }

    public int Capacity => _bytes.Length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Count);

    public void Write(byte value)
    {
        Room(1)[0] = value;
        Count++;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Count += bytes.Length;
    }

    /// <summary>Room for that many bytes behind the end; <see cref="Count"/> says afterwards how many were used.</summary>
    public Span<byte> Room(int count)
    {
        if (_bytes.Length - Count < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Count + count));
        }

        return _bytes.AsSpan(Count);
    }
}
