namespace EdgeCoder.Agent.Secrets;

/// <summary>The rules of the specification for secret files, for those who bring content in from outside the session.</summary>
public static class SecretFiles
{
    /// <summary>Whether the content of a file is denied, by its path relative to the root.</summary>
    public static bool Has(string path) => SecretFilePolicy.Default.IsDenied(path);
}
