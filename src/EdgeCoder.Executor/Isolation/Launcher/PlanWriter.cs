using System.Buffers.Binary;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.Launcher;

/// <summary>Writes the fields of a plan into a frame; numbers are big-endian.</summary>
internal sealed class PlanWriter
{
    private readonly JobFrame frame = new();

    /// <summary>Bytes as they are.</summary>
    public void Bytes(byte[] bytes) => frame.Add(bytes);

    /// <summary>Text as UTF-8.</summary>
    public void Text(string text) => frame.Add(text);

    /// <summary>A number of 64 bits.</summary>
    public void Number(ulong number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        frame.Add(bytes);
    }

    /// <summary>How many there are, then each of them.</summary>
    public void List<T>(IReadOnlyList<T> items, Action<T> write)
    {
        Number((ulong)items.Count);
        foreach (var item in items)
        {
            write(item);
        }
    }

    /// <summary>All of it.</summary>
    public byte[] ToBytes() => frame.ToBytes();
}
