using System.Diagnostics;
using System.Security.Cryptography;
using EdgeCoder.Agent.Snapshots;

namespace EdgeCoder.Agent.Tests.Snapshots;

/// <summary>Trees on disk for these tests, and git as the writer of diffs.</summary>
internal static class Trees
{
    public static byte[] Pack(string directory, SnapshotSelection selection = SnapshotSelection.Whole)
    {
        using var blob = new MemoryStream();
        var snapshot = SnapshotArchive.Pack(directory, blob, selection, null, TestContext.Current.CancellationToken);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(blob.ToArray())), snapshot.Digest);
        return blob.ToArray();
    }

    /// <summary>A blob of entries that a careful packer would refuse.</summary>
    public static byte[] Blob(params (SnapshotEntry Entry, string Content)[] entries)
    {
        using var blob = new MemoryStream();
        foreach (var (entry, content) in entries)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(content);
            blob.Write(TarBlocks.Header(entry with { Size = bytes.Length }));
            blob.Write(bytes);
            blob.Write(new byte[TarBlocks.Padding(bytes.Length)]);
        }

        blob.Write(new byte[1024]);
        return blob.ToArray();
    }

    /// <summary>Path, kind and content of everything below a directory.</summary>
    public static SortedDictionary<string, string> Contents(string directory)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFileSystemEntries(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, ReturnSpecialDirectories = false }))
        {
            var name = Path.GetRelativePath(directory, path);
            if (name.Split('/')[0] == ".git")
            {
                continue;
            }

            if (new FileInfo(path).LinkTarget is { } target)
            {
                found[name] = "-> " + target;
            }
            else if (File.Exists(path))
            {
                found[name] = (File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute) ? "x " : "- ") + Convert.ToHexString(File.ReadAllBytes(path));
            }
        }

        return found;
    }

    public static byte[] Git(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.autocrlf=false", "-c", "init.defaultBranch=main", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["HOME"] = directory;
        using var git = Process.Start(start)!;
        using var output = new MemoryStream();
        git.StandardOutput.BaseStream.CopyTo(output);
        git.WaitForExit();
        return git.ExitCode == 0 ? output.ToArray() : throw new InvalidOperationException(git.StandardError.ReadToEnd());
    }
}
