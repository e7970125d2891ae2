namespace EdgeCoder.Executor.Isolation;

/// <summary>What kind of thing is visible read-only inside.</summary>
internal enum MountKind
{
    /// <summary>A directory with all below it.</summary>
    Directory,

    /// <summary>One file.</summary>
    File,

    /// <summary>A symbolic link of the system, made again inside.</summary>
    Link,
}

/// <summary>Something of this machine that a program sees at the same place, read-only.</summary>
/// <param name="Path">Full path, outside and inside.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Target">Where a link points to, as it is written; empty for anything else.</param>
internal sealed record SandboxMount(string Path, MountKind Kind, string Target = "");
