namespace EdgeCoder.Inference.Providers;

/// <summary>One server that speaks the OpenAI API.</summary>
public sealed record OpenAIServerSettings
{
    /// <summary>Largest window that a preflight tries when the operator states none: 32,768 tokens.</summary>
    public const int LargestUnstatedWindow = 32768;

    /// <summary>Name that the person gave it.</summary>
    public required string Name { get; init; }

    /// <summary>Base address, with <c>/v1</c> or what the server uses instead.</summary>
    public required ServerAddress Address { get; init; }

    /// <summary>Where it stands. This machine only when its address is loopback and the operator said so.</summary>
    public required ModelReach Reach { get; init; }

    /// <summary>Model to use when none is named.</summary>
    public string? Model { get; init; }

    /// <summary>Window, in tokens, stated by the operator; absent to have it measured.</summary>
    public int? ContextWindow { get; init; }

    /// <summary>File that holds the key, readable by its owner only.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The key; null when there is none. Throws <c>model_unauthorized</c> when the file cannot be read.</summary>
    public string? ReadKey()
    {
        if (KeyFile is null)
        {
            return null;
        }

        try
        {
            return File.ReadAllText(KeyFile).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException("model_unauthorized", $"The key of server {Name} cannot be read from {KeyFile}.", "Write the key into that file, readable by you only.", e);
        }
    }
}
