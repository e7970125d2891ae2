using System.Buffers.Binary;

namespace EdgeCoder.Executor.Isolation.AppContainer;

/// <summary>
/// Windows has no descriptors, but its C runtime has, and takes those of a new process from <c>STARTUPINFO.lpReserved2</c>: a count, a byte of flags for each, a
/// handle for each, nothing between them. CPython and node both stand on that runtime, so the runners find their job on 3 and report on 4 as everywhere.
/// </summary>
internal static class InheritedDescriptors
{
    private const byte Open = 0x01; // FOPEN
    private const byte Pipe = 0x08; // FPIPE

    /// <summary>The block, for handles of a 64-bit process. The first is a file, the others are pipes.</summary>
    public static byte[] Block(IReadOnlyList<nint> handles)
    {
        var block = new byte[sizeof(int) + handles.Count + (handles.Count * sizeof(long))];
        BinaryPrimitives.WriteInt32LittleEndian(block, handles.Count);
        for (var i = 0; i < handles.Count; i++)
        {
            block[sizeof(int) + i] = i == 0 ? Open : (byte)(Open | Pipe);
            BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(sizeof(int) + handles.Count + (i * sizeof(long))), handles[i]);
        }

        return block;
    }
}
