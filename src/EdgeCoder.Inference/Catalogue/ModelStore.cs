using System.Text.Json;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>
/// The models of this machine, addressed by the SHA-256 of their files, in the data directory. Safe for several processes at once:
/// every change is one rename. A file enters only whole and hashed, and is hashed again before each load.
/// </summary>
public sealed class ModelStore(string dataDirectory, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    internal StoreLayout Layout { get; } = new(dataDirectory);

    /// <summary>All models, by id. Throws <c>model_store_damaged</c> when an entry cannot be read.</summary>
    public IReadOnlyList<StoredModel> List()
    {
        if (!Directory.Exists(Layout.InstalledDirectory))
        {
            return [];
        }

        return [.. Directory.EnumerateFiles(Layout.InstalledDirectory, "*.json").Select(Read).OfType<StoredModel>()
            .OrderBy(model => model.ModelId, StringComparer.Ordinal)];
    }

    /// <summary>The model with exactly this id, or with this id and the tag <c>latest</c>; null when there is none.</summary>
    public StoredModel? Find(string modelId) => FindExactly(modelId) ?? FindExactly(modelId + ":latest");

    /// <summary>The model with this id. Throws <c>model_not_found</c>, which names the nearest ones that are there.</summary>
    public StoredModel Get(string modelId) => Find(modelId) ?? throw ModelNames.NotFound(modelId, List().Select(model => model.ModelId));

    /// <summary>
    /// Hashes the model's file again and gives its path, which may then be loaded. On a mismatch the file is deleted, every id of it with it,
    /// and <c>checksum_mismatch</c> is thrown.
    /// </summary>
    public async Task<string> VerifyAsync(StoredModel model, CancellationToken cancellationToken)
    {
        var path = Layout.Blob(model.Digest);
        if (!File.Exists(path))
        {
            Forget(model.Digest);
            throw new ModelException("model_not_found", $"The file of model {model.ModelId} is gone from the store.", HowToGet(model));
        }

        var found = await ModelDigest.OfFileAsync(path, cancellationToken).ConfigureAwait(false);
        if (found == model.Digest)
        {
            return path;
        }

        Forget(model.Digest);
        throw new ModelException(
            "checksum_mismatch",
            $"The file of model {model.ModelId} has changed since it was checked: expected {model.Digest}, found {found}. It has been deleted.",
            HowToGet(model));
    }

    /// <summary>
    /// Puts a copy of a file of this machine into the store under an id. Throws <c>model_file_invalid</c> when it is not a GGUF file,
    /// <c>checksum_mismatch</c> when <paramref name="expected"/> is another digest, <c>disk_full</c> when there is no room.
    /// </summary>
    public async Task<StoredModel> AddFileAsync(
        ModelDescription description, string path, ModelDigest? expected, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        ModelNames.Check(description.ModelId);
        using var copy = new LocalFileCopy(Layout);
        var (digest, sizeBytes, header) = await copy.TakeAsync(path, progress, cancellationToken).ConfigureAwait(false);
        if (expected is { } pinned && pinned != digest)
        {
            throw new ModelException("checksum_mismatch", $"{path} has digest {digest}, not {pinned}.", "Nothing was added. Check where the file came from.");
        }

        copy.MoveTo(Layout.Blob(digest));
        return Register(header.Complete(description), digest, sizeBytes, source: null);
    }

    /// <summary>Removes an id, and its file when no other id uses it. Throws <c>model_not_found</c>, or <c>model_in_use</c> for the active model.</summary>
    public void Remove(string modelId)
    {
        var model = Get(modelId);
        if (Active is { Provider: ProviderKinds.Local } active && active.ModelId == model.ModelId)
        {
            throw new ModelException("model_in_use", $"{model.ModelId} is the active model.", "Choose another one first: edgecoder models use <id>");
        }

        File.Delete(Layout.Installed(model.ModelId));
        if (List().All(other => other.Digest != model.Digest))
        {
            File.Delete(Layout.Blob(model.Digest));
        }
    }

    /// <summary>The model that is used when nothing else is asked for; null until one is chosen.</summary>
    public ModelChoice? Active
    {
        get
        {
            try
            {
                var active = JsonSerializer.Deserialize(File.ReadAllBytes(Layout.ActiveFile), CatalogueJson.Default.ActiveModel);
                return active is null ? null : new(active.Provider, active.ModelId);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
            catch (JsonException e)
            {
                throw Damaged(Layout.ActiveFile, e);
            }
        }
    }

    /// <summary>The last changes of the active model, newest first.</summary>
    public IReadOnlyList<SwapRecord> Swaps => new SwapHistory(Layout).Read();

    /// <summary>Makes a model the active one, and remembers what it was before. The caller has checked that it is there.</summary>
    public void SetActive(ModelChoice? choice, string? paramSize = null)
    {
        var before = Active;
        if (before == choice)
        {
            return;
        }

        WriteActive(choice);
        var sameName = before?.ModelId == choice?.ModelId;
        string Name(ModelChoice? model) => model is null ? "none" : sameName ? $"{model.Provider}/{model.ModelId}" : model.ModelId;
        new SwapHistory(Layout).Add(new(_time.GetUtcNow().ToUnixTimeMilliseconds(), Name(before), Name(choice), paramSize));
    }

    private void WriteActive(ModelChoice? choice)
    {
        if (choice is null)
        {
            File.Delete(Layout.ActiveFile);
            return;
        }

        StoreLayout.MakeParent(Layout.ActiveFile);
        AtomicFile.Write(Layout.ActiveFile, JsonSerializer.SerializeToUtf8Bytes(new ActiveModel(choice.Provider, choice.ModelId), CatalogueJson.Default.ActiveModel));
    }

    /// <summary>Names a file that is already in its place. The last step of every way in.</summary>
    internal StoredModel Register(ModelDescription description, ModelDigest digest, long sizeBytes, Uri? source)
    {
        var model = new StoredModel
        {
            ModelId = description.ModelId,
            DisplayName = description.DisplayName,
            ParamSize = description.ParamSize,
            Quantization = description.Quantization,
            License = description.License,
            ContextWindow = description.ContextWindow,
            MinMemoryMB = description.MinMemoryMB,
            Roles = description.Roles,
            Languages = description.Languages,
            Fim = description.Fim,
            Embeddings = description.Embeddings,
            Digest = digest,
            SizeBytes = sizeBytes,
            Source = source,
            AddedAtMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
            Path = Layout.Blob(digest),
        };
        var path = Layout.Installed(model.ModelId);
        StoreLayout.MakeParent(path);
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(model, CatalogueJson.Default.StoredModel));
        return model;
    }

    // A file system that ignores letter case would hand out another model's entry.
    private StoredModel? FindExactly(string modelId) =>
        ModelNames.IsStorable(modelId) && Read(Layout.Installed(modelId)) is { } model && model.ModelId == modelId ? model : null;

    private StoredModel? Read(string path)
    {
        try
        {
            var model = JsonSerializer.Deserialize(File.ReadAllBytes(path), CatalogueJson.Default.StoredModel) ?? throw Damaged(path, inner: null);
            return model with { Path = Layout.Blob(model.Digest) };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw Damaged(path, e);
        }
    }

    private static string HowToGet(StoredModel model) =>
        ModelCatalogue.Shipped.Find(model.ModelId)?.ChecksumSha256 == model.Digest ? $"edgecoder models pull {model.ModelId}"
        : model.Source is { } source ? $"edgecoder models pull {model.ModelId} --from {source} --sha256 {model.Digest.Hex}"
        : $"edgecoder models add {model.ModelId} FILE --sha256 {model.Digest.Hex}";

    private void Forget(ModelDigest digest)
    {
        foreach (var model in List().Where(model => model.Digest == digest))
        {
            File.Delete(Layout.Installed(model.ModelId));
        }

        File.Delete(Layout.Blob(digest));
    }

    private static ModelException Damaged(string path, Exception? inner) =>
        new("model_store_damaged", $"{path} cannot be read as an entry of the model store.", "Delete that file and pull its model again.", inner);
}
