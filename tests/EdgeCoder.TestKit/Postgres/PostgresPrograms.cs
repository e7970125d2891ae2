namespace EdgeCoder.TestKit.Postgres;

/// <summary>Where Debian's package put the server's programs: not on the PATH.</summary>
internal static class PostgresPrograms
{
    /// <summary>Full path of a program, of the newest version there is.</summary>
    public static string Find(string name)
    {
        const string packaged = "/usr/lib/postgresql";
        var versions = Directory.Exists(packaged)
            ? Directory.GetDirectories(packaged).OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var version) ? version : 0).Select(d => Path.Combine(d, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return versions.Concat(path).Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"{name} is not installed: apt-get install postgresql, or run ./test once, which installs what the tests need.");
    }
}
