using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>What is here of a file so far, and the validator that the rest must match.</summary>
internal sealed class PartialDownload(StoreLayout layout, ModelDigest digest)
{
    /// <summary>The bytes.</summary>
    public string Path { get; } = layout.Partial(digest);

    private readonly string _statePath = layout.PartialState(digest);

    /// <summary>Bytes that are here; 0 when they cannot be continued.</summary>
    public long Length => File.Exists(Path) ? new FileInfo(Path).Length : 0;

    /// <summary>Strong entity tag of what is here (RFC 9110, 8.8.3); null when there is none, and then nothing can be continued.</summary>
    public EntityTagHeaderValue? Tag
    {
        get
        {
            try
            {
                var state = JsonSerializer.Deserialize(File.ReadAllBytes(_statePath), PartialJson.Default.PartialState);
                return EntityTagHeaderValue.TryParse(state?.Tag, out var tag) && !tag.IsWeak ? tag : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>Opens the file to write on at its end.</summary>
    public FileStream Append()
    {
        StoreLayout.MakeParent(Path);
        return new(Path, FileMode.Append, FileAccess.Write, FileShare.Read, 1);
    }

    /// <summary>Begins anew with what a response says of itself.</summary>
    public void Restart(EntityTagHeaderValue? tag)
    {
        Delete();
        StoreLayout.MakeParent(Path);
        if (tag is { IsWeak: false })
        {
            AtomicFile.Write(_statePath, JsonSerializer.SerializeToUtf8Bytes(new(tag.ToString()), PartialJson.Default.PartialState));
        }
    }

    /// <summary>Removes everything.</summary>
    public void Delete()
    {
        if (Directory.Exists(System.IO.Path.GetDirectoryName(Path)))
        {
            File.Delete(Path);
            File.Delete(_statePath);
        }
    }

    /// <summary>The file has been moved into its place.</summary>
    public void Done() => File.Delete(_statePath);
}

/// <summary>What is written beside the bytes.</summary>
internal sealed record PartialState(string Tag);

[JsonSerializable(typeof(PartialState))]
internal sealed partial class PartialJson : JsonSerializerContext;
