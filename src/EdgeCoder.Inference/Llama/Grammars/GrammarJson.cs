using System.Text.Encodings.Web;
using System.Text.Json.Serialization;

namespace EdgeCoder.Inference.Llama.Grammars;

/// <summary>Writes property names the way a model writes them: without escapes for letters of other scripts.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class GrammarJson : JsonSerializerContext
{
    public static GrammarJson Relaxed { get; } = new(new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
