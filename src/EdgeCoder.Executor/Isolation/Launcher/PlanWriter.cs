using System.Buffers.Binary;
using System.Text;

namespace EdgeCoder.Executor.Isolation.Launcher;

/// <summary>Writes the fields of a plan: a count, then each field with its length; numbers are big-endian.</summary>
internal sealed class PlanWriter
{
    private readonly List<byte[]> fields = [];

    /// <summary>Bytes as they are.</summary>
    public void Bytes(byte[] bytes) => fields.Add(bytes);

    /// <summary>Text as UTF-8.</summary>
    public void Text(string text) => fields.Add(Encoding.UTF8.GetBytes(text));

    /// <summary>A number of 64 bits.</summary>
    public void Number(ulong number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        fields.Add(bytes);
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
    public byte[] ToBytes()
    {
        var bytes = new byte[4 + fields.Sum(field => 4 + field.Length)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, fields.Count);
        var at = 4;
        foreach (var field in fields)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), field.Length);
            field.CopyTo(bytes, at + 4);
            at += 4 + field.Length;
        }

        return bytes;
    }
}
