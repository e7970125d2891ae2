using Wasmtime;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>
/// The linear memory of an instance at rest, without the pages that are zero. Written into a fresh instance it is that instance again: the module's only
/// other state, its stack pointer, is where it began whenever nothing runs, and what the host keeps is made anew for each instance.
/// </summary>
internal sealed class MemorySnapshot
{
    private const int Block = 4096;

    private readonly List<(int Start, byte[] Bytes)> runs = [];

    private MemorySnapshot(int pages) => Pages = pages;

    /// <summary>Pages of 64 KiB that the memory has.</summary>
    public int Pages { get; }

    /// <summary>Bytes that are kept.</summary>
    public int Bytes => runs.Sum(run => run.Bytes.Length);

    /// <summary>Copies a memory.</summary>
    public static MemorySnapshot Take(Memory memory)
    {
        var all = memory.GetSpan(0, (int)memory.GetLength());
        var snapshot = new MemorySnapshot((int)memory.GetSize());
        var start = -1;
        for (var at = 0; at <= all.Length; at += Block)
        {
            var used = at < all.Length && all.Slice(at, Block).ContainsAnyExcept((byte)0);
            if (used && start < 0)
            {
                start = at;
            }
            else if (!used && start >= 0)
            {
                snapshot.runs.Add((start, all[start..at].ToArray()));
                start = -1;
            }
        }

        return snapshot;
    }

    /// <summary>Writes it into the memory of a fresh instance.</summary>
    public void Restore(Memory memory)
    {
        foreach (var (start, bytes) in runs)
        {
            bytes.CopyTo(memory.GetSpan(start, bytes.Length));
        }
    }
}
