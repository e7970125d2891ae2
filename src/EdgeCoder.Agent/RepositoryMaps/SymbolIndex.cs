namespace EdgeCoder.Agent.RepositoryMaps;

/// <summary>What is known of one file. Names are numbers of the index's table.</summary>
internal sealed class IndexedFile
{
    /// <summary>Path relative to the root.</summary>
    public required string Path { get; init; }

    /// <summary>Its state when it was read: size, time of change, inode.</summary>
    public required FileStamp Stamp { get; init; }

    /// <summary>First 16 bytes of the SHA-256 of its content.</summary>
    public required UInt128 Hash { get; init; }

    /// <summary>Names it defines.</summary>
    public required int[] Defined { get; init; }

    /// <summary>Lines of the definitions.</summary>
    public required int[] Lines { get; init; }

    /// <summary>The definitions as they are shown, one a line.</summary>
    public required ReadOnlyMemory<byte> Signatures { get; init; }

    /// <summary>Names it uses.</summary>
    public required int[] Used { get; init; }

    /// <summary>How often.</summary>
    public required int[] Counts { get; init; }

    /// <summary>The same content under another stamp: a fresh checkout.</summary>
    public IndexedFile At(FileStamp stamp) =>
        new() { Path = Path, Stamp = stamp, Hash = Hash, Defined = Defined, Lines = Lines, Signatures = Signatures, Used = Used, Counts = Counts };

    /// <summary>The definitions as they are shown.</summary>
    public string[] ReadSignatures() => System.Text.Encoding.UTF8.GetString(Signatures.Span).Split('\n');
}

/// <summary>What tells that a file is still the one that was read.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedNs">Time of the last change.</param>
/// <param name="Inode">Number on its device.</param>
internal readonly record struct FileStamp(long Size, long ModifiedNs, ulong Inode);

/// <summary>The files of a tree, in the order of their paths, and the names in them.</summary>
/// <param name="Files">The files.</param>
/// <param name="Names">The table of names.</param>
internal sealed record SymbolIndex(IReadOnlyList<IndexedFile> Files, IReadOnlyList<string> Names)
{
    /// <summary>Nothing.</summary>
    public static SymbolIndex Empty { get; } = new([], []);

    /// <summary>The same without names that no file has any more.</summary>
    public SymbolIndex Compacted()
    {
        var numbers = new int[Names.Count];
        var names = new List<string>();
        int[] Renumbered(int[] used) => Array.ConvertAll(used, name =>
        {
            if (numbers[name] == 0)
            {
                names.Add(Names[name]);
                numbers[name] = names.Count;
            }

            return numbers[name] - 1;
        });
        var files = Files.Select(file => new IndexedFile
        {
            Path = file.Path,
            Stamp = file.Stamp,
            Hash = file.Hash,
            Defined = Renumbered(file.Defined),
            Lines = file.Lines,
            Signatures = file.Signatures,
            Used = Renumbered(file.Used),
            Counts = file.Counts,
        }).ToList();
        return new(files, names);
    }
}
