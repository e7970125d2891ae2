using System.Reflection;

namespace EdgeCoder.TestKit.Files;

/// <summary>The checkout that these tests were built from.</summary>
public static class Repository
{
    /// <summary>Full path of its root.</summary>
    public static string Root { get; } = Metadata("RepositoryRoot");

    /// <summary>Full path of the built <c>edgecoder</c> executable.</summary>
    public static string Executable { get; } = Metadata("EdgeCoderExecutable");

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value
        ?? throw new InvalidOperationException($"the test kit was built without {key}");
}
