namespace EdgeCoder.Ledger.Tiles;

/// <summary>The files of a log: <c>checkpoint</c> and everything below <c>tile/</c>. A file is written whole under another name first, so that nobody reads half of it.</summary>
/// <param name="directory">Absolute path; made when it is first written to.</param>
public class TileFolder(string directory)
{
    /// <summary>Where the newest checkpoint is.</summary>
    public const string CheckpointPath = "checkpoint";

    // Silos may share a folder: they write the same bytes, each under a name of its own until they are whole.
    private readonly string _unfinished = $".{Guid.NewGuid().ToString("N")[..8]}.new";
    private readonly HashSet<string> _made = [];

    /// <summary>Absolute path.</summary>
    public string Directory => directory;

    /// <summary>A file's bytes; null where it is not there.</summary>
    public virtual byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(directory, path));
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// A tile of hashes or a bundle of at least a width, by the path that the width gives: the partial file, or the full one, which begins with the same.
    /// Null where neither is there.
    /// </summary>
    public byte[]? ReadAtLeast(Func<int, string> path, int width) => Read(path(width)) ?? (width == TilePath.Width ? null : Read(path(TilePath.Width)));

    /// <summary>Writes a file; with <paramref name="durable"/> its bytes are on the disk when this returns.</summary>
    public void Write(string path, ReadOnlySpan<byte> bytes, bool durable)
    {
        var whole = Path.Combine(directory, path);
        var parent = Path.GetDirectoryName(whole)!;
        if (_made.Add(parent))
        {
            System.IO.Directory.CreateDirectory(parent);
        }

        var beside = whole + _unfinished;
        using (var file = File.OpenHandle(beside, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, bytes, 0);
            if (durable)
            {
                RandomAccess.FlushToDisk(file);
            }
        }

        File.Move(beside, whole, overwrite: true);
    }

    /// <summary>Removes every tile and the checkpoint: they are made anew.</summary>
    public void Clear()
    {
        _made.Clear();
        var tiles = Path.Combine(directory, "tile");
        if (System.IO.Directory.Exists(tiles))
        {
            System.IO.Directory.Delete(tiles, recursive: true);
        }

        File.Delete(Path.Combine(directory, CheckpointPath));
    }

    /// <summary>Removes the partial files of a tile that is full now; readers then find the full one.</summary>
    public void RemovePartials(string fullPath)
    {
        var partials = Path.Combine(directory, fullPath + ".p");
        if (System.IO.Directory.Exists(partials))
        {
            _made.Remove(partials);
            try
            {
                System.IO.Directory.Delete(partials, recursive: true);
            }
            catch (IOException)
            {
                // Another silo removes or writes there at this moment; what stays is small and is never read.
            }
        }
    }
}
