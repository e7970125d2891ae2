using System.Buffers.Binary;
using System.Text;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>Reads the frame that <see cref="Running.JobFrame"/> writes: here the host is its own runner.</summary>
internal static class JobFields
{
    /// <summary>The fields, in order.</summary>
    public static List<string> Read(ReadOnlySpan<byte> frame)
    {
        var fields = new List<string>();
        var at = 4;
        for (var left = BinaryPrimitives.ReadInt32BigEndian(frame); left > 0; left--)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(frame[at..]);
            fields.Add(Encoding.UTF8.GetString(frame.Slice(at + 4, length)));
            at += 4 + length;
        }

        return fields;
    }
}
