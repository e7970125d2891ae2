using System.Buffers.Binary;
using System.Text;

namespace EdgeCoder.Executor.Running;

/// <summary>
/// What the host sends a runner or the launcher: a count, then that many fields, each with its length; numbers are 32-bit, big-endian.
/// The runner parses nothing else, and nothing of it comes from another program.
/// </summary>
internal sealed class JobFrame
{
    private readonly List<byte[]> fields = [];

    /// <summary>Adds a text field. What UTF-16 cannot say in UTF-8 becomes U+FFFD.</summary>
    public JobFrame Add(string field) => Add(Encoding.UTF8.GetBytes(field));

    /// <summary>Adds a field of bytes.</summary>
    public JobFrame Add(byte[] field)
    {
        fields.Add(field);
        return this;
    }

    /// <summary>The bytes of the frame.</summary>
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
