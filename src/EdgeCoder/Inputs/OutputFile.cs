using System.Text;
using EdgeCoder.Commands;

namespace EdgeCoder.Inputs;

/// <summary>Where the code goes. It appears whole or not at all, and only after its tests passed.</summary>
internal sealed class OutputFile
{
    private readonly string _path;

    private OutputFile(string path) => _path = path;

    /// <summary>Checks the place before any work is done. Throws <see cref="UsageException"/> when nothing could be written there.</summary>
    public static OutputFile Prepare(string path, bool overwrite)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            throw new UsageException("output_unwritable", $"{path} is a directory.", "Name a file with --out.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(full)))
        {
            throw new UsageException("output_unwritable", $"The directory of {path} does not exist.");
        }

        return File.Exists(full) && !overwrite
            ? throw new UsageException("output_exists", $"{path} is already there.", "Give another name, or --force to replace it.")
            : new(full);
    }

    /// <summary>Writes to a file beside it and renames that. Throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>, leaving nothing half written.</summary>
    public void Write(string text) => Write(new UTF8Encoding(false).GetBytes(text));

    /// <summary>The same for bytes.</summary>
    public void Write(byte[] bytes)
    {
        var beside = Path.Combine(Path.GetDirectoryName(_path)!, $".{Path.GetFileName(_path)}.{Environment.ProcessId}.tmp");
        try
        {
            File.WriteAllBytes(beside, bytes);
            File.Move(beside, _path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
