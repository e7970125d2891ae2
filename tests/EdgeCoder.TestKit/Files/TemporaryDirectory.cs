namespace EdgeCoder.TestKit.Files;

/// <summary>A directory of the test's own, removed at the end.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    private const int MostAttempts = 20;

    /// <summary>Full path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("edgecoder-test-").FullName;

    /// <summary>Full path of a name in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file and gives its full path.</summary>
    public string Write(string name, string text)
    {
        var path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var attempt = 0; attempt < MostAttempts && Directory.Exists(Path); attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException)
            {
                // A process that was killed a moment ago may still write a file; what it leaves is the system's to clean, and no fault of the test.
            }
        }
    }
}
