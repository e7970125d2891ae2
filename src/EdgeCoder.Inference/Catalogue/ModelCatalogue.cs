using System.Text;
using System.Text.Json;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>
/// The models that can be pulled: data that is signed, ships with the program, and can be replaced by a newer one in the data directory
/// (<c>models/catalogue.json</c> with <c>catalogue.json.sig</c>).
/// </summary>
public sealed class ModelCatalogue
{
    /// <summary>Stands before the bytes that are signed, so that no other signed text can be taken for a catalogue.</summary>
    internal const string SignedPrefix = "edgecoder-model-catalogue-v1\n";

    /// <summary>Keys whose catalogues are taken, as base64 SPKI. The private half is kept by those who release the program.</summary>
    internal static readonly string[] ReleaseKeys = ["MCowBQYDK2VwAyEAhc72/l+q6/SeWbva77qsJ+YJWMD8mf1u4WIxvMR1njE="];

    private readonly int _version;

    private ModelCatalogue(int version, IReadOnlyList<CatalogueEntry> entries) => (_version, Entries) = (version, entries);

    /// <summary>All entries, smallest first.</summary>
    public IReadOnlyList<CatalogueEntry> Entries { get; }

    /// <summary>The catalogue that ships with the program.</summary>
    public static ModelCatalogue Shipped { get; } = Parse(Resource("catalogue.json"), Resource("catalogue.json.sig"), new(ReleaseKeys));

    /// <summary>
    /// The newer one of the shipped catalogue and the one in the data directory. Throws <c>invalid_signature</c> when that one was not signed by
    /// a release key: it is never just passed over.
    /// </summary>
    public static ModelCatalogue Load(string dataDirectory)
    {
        var path = Path.Combine(new StoreLayout(dataDirectory).Root, "catalogue.json");
        if (!File.Exists(path))
        {
            return Shipped;
        }

        var signature = File.Exists(path + ".sig") ? File.ReadAllBytes(path + ".sig") : "{}"u8.ToArray();
        var updated = Parse(File.ReadAllBytes(path), signature, new(ReleaseKeys));
        return updated._version > Shipped._version ? updated : Shipped;
    }

    /// <summary>The entry with exactly this id; null when there is none.</summary>
    public CatalogueEntry? Find(string modelId) => Entries.FirstOrDefault(entry => ModelNames.Matches(entry.ModelId, modelId));

    /// <summary>The entry with this id. Throws <c>model_not_found</c> that names the nearest.</summary>
    public CatalogueEntry Get(string modelId) => Find(modelId)
        ?? throw new ModelException(
            "model_not_found",
            $"The catalogue has no model {modelId}. It has {string.Join(", ", Entries.Select(entry => entry.ModelId))}.",
            $"Any other GGUF file: edgecoder models pull {modelId} --from <https address> --sha256 <digest>. A model of Ollama: edgecoder models pull ollama-local/{modelId}");

    /// <summary>Checks the signature over the exact bytes, then reads them.</summary>
    internal static ModelCatalogue Parse(byte[] file, byte[] signatureFile, SigningKeys keys)
    {
        try
        {
            var signature = JsonSerializer.Deserialize(signatureFile, CatalogueFileJson.Default.CatalogueSignature);
            if (signature?.Signature is null || !keys.Verify(signature.KeyId, [.. Encoding.ASCII.GetBytes(SignedPrefix), .. file], signature.Signature))
            {
                throw new ModelException("invalid_signature", "The catalogue of models is not signed by a release key.", "Delete models/catalogue.json of the data directory, or install the program again.");
            }

            var read = JsonSerializer.Deserialize(file, CatalogueFileJson.Default.CatalogueFile)!;
            return new(read.Version, [.. read.Entries.OrderBy(entry => entry.FileSizeBytes)]);
        }
        catch (JsonException e)
        {
            throw new ModelException("invalid_catalogue", $"The catalogue of models cannot be read: {e.Message}", "Delete models/catalogue.json of the data directory, or install the program again.", e);
        }
    }

    private static byte[] Resource(string name)
    {
        using var stream = typeof(ModelCatalogue).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
